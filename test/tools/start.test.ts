import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settings } from "#/core/config.ts";
import { announce, offerLinks, whatIsReal } from "../../tools/start/announce.mjs";
import { readArguments } from "../../tools/start/arguments.mjs";
import { environmentOf } from "../../tools/start/environment.mjs";
import { Family } from "../../tools/start/serve.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "roletrail-start-"));
afterAll(() => rmSync(folder, { recursive: true }));

let printed = "";
beforeEach(() => {
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const aws = { kind: "aws", aws: true, name: "aws-111122223333", port: 4000, folder, settings: {} };

describe("what a start says", () => {
  test("with --aws it names the account, and does not call it an audit", () => {
    announce(aws, {}, [["functions", 1]], Date.now());
    expect(printed).toContain("AWS account 111122223333");
    expect(printed).not.toContain("Audit only");
    expect(printed).not.toContain("undefined");
    expect(JSON.parse(readFileSync(path.join(folder, "run.json"), "utf8"))).toMatchObject({
      app_url: "http://localhost:4000",
      world: "aws-111122223333",
      ports: [4000],
    });
  });

  test("with --aws and --trail it names both", () => {
    const said = whatIsReal({ ...aws, trail: "s3://logs/AWSLogs" });
    expect(said).toContain("AWS account 111122223333");
    expect(said).toContain("Reading s3://logs/AWSLogs.");
  });

  test("with --trail alone it is an audit", () => {
    expect(whatIsReal({ kind: "trail", name: "trail-0123456789ab", trail: "/logs" })).toBe(
      "Reading /logs. Audit only: no AWS account is connected.",
    );
  });

  test("it passes on what functions want known, as an issuer that is not published", () => {
    announce(aws, { notices: ["Roles of the road web-identity mint nothing yet: why.", "what helps"] }, [], Date.now());
    expect(printed).toContain("mint nothing yet: why.\nwhat helps\n");
  });
});

describe("one-time links", () => {
  const children: ChildProcess[] = [];
  afterEach(() => void children.splice(0).map((child) => child.kill()));
  const functionsProcess = (link: string): ChildProcess => {
    const file = path.join(folder, `${link}.mjs`);
    writeFileSync(
      file,
      `process.on("message", () => process.send({ link: "/open#${link}" })); process.send({ ready: true });`,
    );
    const child = fork(file);
    children.push(child);
    return child;
  };

  test("are printed for the functions process that runs, and for the one that is started after it", async () => {
    const family = new Family(aws);
    const first = functionsProcess("one");
    family.took("functions", first);
    offerLinks(aws, family);
    await expect.poll(() => printed, { timeout: 10_000 }).toContain("http://localhost:4000/open#one");
    // As when functions died and were started again: the first is gone, the second was not there when links were offered.
    const second = functionsProcess("two");
    family.took("functions", second);
    first.kill();
    await once(first, "exit");
    second.send({ link: true });
    await expect.poll(() => printed, { timeout: 10_000 }).toContain("http://localhost:4000/open#two");
    family.stopping = true;
  });

  test("no sandbox prints one, nor a start that was told to open without", () => {
    offerLinks({ ...aws, kind: "sandbox" }, new Family(aws));
    offerLinks({ ...aws, settings: { ROLETRAIL_LINK: "off" } }, new Family(aws));
    expect(printed).toBe("");
  });

  test("begin with the address that people use", async () => {
    const world = { ...aws, settings: { ROLETRAIL_URL: "https://roletrail.example.com" } };
    announce(world, {}, [["functions", 1]], Date.now());
    expect(printed).toContain("Roletrail is at https://roletrail.example.com  (");
    const family = new Family(world);
    family.took("functions", functionsProcess("three"));
    offerLinks(world, family);
    await expect.poll(() => printed, { timeout: 10_000 }).toContain("https://roletrail.example.com/open#three");
    family.stopping = true;
  });
});

describe("settings", () => {
  test("of the environment reach functions, flags before them; what the start sets itself does not come from outside", () => {
    const outside = { ROLETRAIL_ISSUER: "https://a.example", ROLETRAIL_LINK: "on", ROLETRAIL_SOCKET_SECRET: "guessed" };
    const options = readArguments(["--aws", "--issuer", "https://b.example"], outside);
    if (options.help !== undefined) throw new Error("no help was asked for");
    const world = { ...options, ...aws, settings: options.settings, home: folder, socket: "s", socketSecret: "made" };
    expect(environmentOf("functions", world)).toMatchObject({
      ROLETRAIL_ISSUER: "https://b.example",
      ROLETRAIL_LINK: "on",
      ROLETRAIL_SOCKET_SECRET: "made",
    });
  });

  test("ambient credentials are a machine's own role, too, unless whoever starts it says otherwise; the sandbox asks nobody", () => {
    const of = (world: object) =>
      environmentOf("functions", { ...aws, home: folder, ...world })["AWS_EC2_METADATA_DISABLED"];
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", undefined);
    expect(of({})).toBe("false");
    expect(of({ kind: "trail", aws: false, trail: "s3://company-logs" })).toBe("false");
    expect(of({ kind: "trail", aws: false, trail: folder })).toBe("true");
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    expect(of({})).toBe("true");
    vi.unstubAllEnvs();
  });

  test("that are slips are refused before anything is done: an unknown name, an empty value, no empty home", () => {
    for (const slip of ["--nope=x", "--acces=f", "--home=", "--port=", "--trail=", "positional"])
      expect(() => readArguments([slip], {}), slip).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/flag/) }),
      );
    for (const name of Object.keys(settings.shape)) {
      const flag = name.replace("ROLETRAIL_", "").toLowerCase().replaceAll("_", "-");
      expect(() => readArguments([`--${flag}=1`], {}), flag).not.toThrow(expect.objectContaining({ code: "flag" }));
    }
    expect(readArguments([], { ROLETRAIL_HOME: "" })).toMatchObject({ home: path.resolve(".roletrail") });
  });

  test.each([
    ["a number that is none", ["--delivery-delay-seconds", "x"], /ROLETRAIL_DELIVERY_DELAY_SECONDS is not right/],
    ["an access file that is not there", ["--access", "/nowhere.yaml"], /There is no access file at \/nowhere.yaml/],
    ["an access file that is none", ["--access", "package.json"], /package\.json: \S+: /],
    ["a home that is a file", ["--home", "package.json/x"], /cannot be made and kept private: ENOTDIR/],
  ])(
    "stop the start with a sentence, and nothing is made: %s",
    (_, words, said) => {
      const home = path.join(folder, "none");
      const started = spawnSync(process.execPath, ["tools/start.mjs", "--home", home, ...words], { encoding: "utf8" });
      expect(started.stderr).toMatch(said);
      expect(started.stderr).not.toContain("    at ");
      expect([started.status, existsSync(home)]).toEqual([1, false]);
    },
    120_000,
  );

  test("web gets no AWS_* with a real account either", () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
    const world = { ...aws, home: folder, socket: "s", socketSecret: "made", cookieSecret: "c" };
    expect(Object.keys(environmentOf("web", world)).filter((name) => /^AWS_(?!EC2)/.test(name))).toEqual([]);
    expect(environmentOf("functions", world)).toMatchObject({ AWS_ACCESS_KEY_ID: "AKIAEXAMPLE" });
    vi.unstubAllEnvs();
  });
});
