// `npm run test:trino`: every question and every statement of the facts on a real Trino 476 (Athena's engine is Trino),
// rows equal to DuckDB's. Trino and a Java 25 are fetched once, 575 MB, into the user's cache folder; no part of `npm ci`.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fetchTrino } from "./trino/fetch.mjs";

const root = path.resolve(import.meta.dirname, "..");

/** `missing` says in one sentence what is not there; else the code the suite ended with. */
export async function testTrino(more = []) {
  const found = await fetchTrino();
  if (found.missing !== undefined) return { missing: found.missing };
  const data = mkdtempSync(path.join(tmpdir(), "roletrail-trino-"));
  const { server, url, said } = await start(found, data);
  try {
    await ready(url, server, said);
    return { code: await suite(url, data, more) };
  } finally {
    server.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  }
}

/** Serial collector and C1 alone: two and a half times as fast as the defaults for a few hundred small statements. */
const jvm = [
  "-Xmx3G",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-XX:+ExitOnOutOfMemoryError",
  "-XX:+EnableDynamicAgentLoading",
  "-Djdk.attach.allowAttachSelf=true",
  "-Dfile.encoding=UTF-8",
  "-Duser.timezone=UTC",
];

async function start({ home, java }, data) {
  const port = await freePort();
  const etc = path.join(root, "test/trino/etc");
  mkdirSync(path.join(data, "facts"), { recursive: true });
  mkdirSync(path.join(data, "logs"), { recursive: true });
  const flags = [
    ...jvm,
    "-cp",
    "lib/*",
    `-Dconfig=${etc}/config.properties`,
    `-Dlog.levels-file=${etc}/log.properties`,
  ];
  const server = spawn(java, [...flags, "io.trino.server.TrinoServer"], {
    cwd: home,
    env: { PATH: process.env.PATH, TRINO_PORT: String(port), TRINO_DATA: data, TRINO_ETC: etc },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = [];
  for (const stream of [server.stdout, server.stderr])
    stream.on("data", (chunk) => {
      said.push(String(chunk));
      if (said.length > 200) said.shift();
    });
  process.once("exit", () => server.kill("SIGKILL"));
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.once(signal, () => process.exit(1));
  return { server, url: `http://127.0.0.1:${port}`, said };
}

/**
 * "starting: false" is said seconds before a node has its catalogs: only a read of a table proves it. Ten seconds on an idle
 * machine, minutes on a busy one.
 */
async function ready(url, server, said) {
  const until = Date.now() + 600_000;
  const steps = [
    "create schema if not exists facts.probe",
    "create table if not exists facts.probe.warm as select 1 as x",
    "select count(*) from facts.probe.warm where x > 0",
    "drop table facts.probe.warm",
  ];
  for (const step of steps)
    for (;;) {
      if (server.exitCode !== null || Date.now() > until)
        throw new Error(`Trino did not start:\n${said.join("").slice(-4_000)}`);
      if (await passes(url, step)) break;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
}

async function passes(url, sql) {
  try {
    const headers = { "X-Trino-User": "test" };
    let page = await (await fetch(`${url}/v1/statement`, { method: "POST", body: sql, headers })).json();
    while (page.nextUri !== undefined) page = await (await fetch(page.nextUri, { headers })).json();
    return page.error === undefined;
  } catch {
    return false;
  }
}

function suite(url, data, more) {
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--config", "test/trino/vitest.config.ts", ...more];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, TRINO_URL: url, TRINO_DATA: data, AWS_EC2_METADATA_DISABLED: "true" },
    });
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const listener = net.createServer();
    listener.on("error", reject);
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

if (process.argv[1] === import.meta.filename) {
  const { missing, code } = await testTrino(process.argv.slice(2));
  if (missing !== undefined) process.stdout.write(`Trino suite not run: ${missing}\n`);
  process.exit(missing === undefined ? code : process.env.CI === "true" ? 1 : 0);
}
