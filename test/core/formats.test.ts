import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Credential, type Format, formats, writeCredential, writeMasked } from "#/core/formats.ts";
import { Refusal } from "#/core/refusal.ts";

const credential = (token: string, region = "eu-central-1"): Credential => ({
  credentials: {
    AccessKeyId: "ASIAEXAMPLE",
    SecretAccessKey: "wJalr/XUtnFEMI+K7MDENG",
    SessionToken: token,
    Expiration: "2026-11-21T10:00:00Z",
  },
  region,
});
const variables = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_CREDENTIAL_EXPIRATION",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
];
const expected = (token: string): string[] => [
  "ASIAEXAMPLE",
  "wJalr/XUtnFEMI+K7MDENG",
  token,
  "2026-11-21T10:00:00Z",
  "eu-central-1",
  "eu-central-1",
];

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: it is a shell that must not expand it
const hostile = [
  "'; touch /tmp/owned; echo '",
  "$(touch /tmp/owned)`touch /tmp/owned`",
  'a"b\\c\nd\te!$HOME${IFS}%PATH%^&|<>(){}[]*?~#',
  "\u2018typographic\u2019 \u{1f511} \\'",
  "--help",
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

/** No stdin: bash takes a socket there for a remote shell and reads its start-up file. */
function sh(command: string, args: readonly string[]): string {
  const env = { PATH: process.env["PATH"], HOME: "/tmp", AWS_PROFILE: "old", NODE_ENV: "test" as const };
  return execFileSync(command, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** What each shell of this machine makes of the text. A shell that is not installed is named by the skipped test. */
const shells: readonly { name: string; format: Format; run: (script: string) => string }[] = [
  ...["bash", "zsh", "dash"].map((name) => ({
    name,
    format: "posix" as const,
    run: (script: string) =>
      sh(name, [
        "-c",
        `${script}
exec env -0`,
      ]),
  })),
  {
    name: "fish",
    format: "fish" as const,
    run: (script) => sh("fish", ["-c", `${script}\nenv -0`]),
  },
  {
    name: "pwsh",
    format: "powershell" as const,
    run: (script) => sh("pwsh", ["-NoProfile", "-Command", `${script}\n& env -0`]),
  },
  {
    name: "nu",
    format: "nushell" as const,
    run: (script) => sh("nu", ["-c", `${script}\n^env -0`]),
  },
];
const has = (name: string): boolean => spawnSync(name, ["-c", "true"]).error === undefined;
const environmentOf = (output: string): Map<string, string> =>
  new Map(output.split("\0").map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));

describe.each(shells)("in a real $name", ({ name, format, run }) => {
  test.skipIf(!has(name)).each(hostile)("%j arrives as it is and nothing else happens", (token) => {
    const environment = environmentOf(run(writeCredential(format, credential(token))));
    expect(variables.map((variable) => environment.get(variable))).toEqual(expected(token));
    expect(environment.has("AWS_PROFILE")).toBe(false);
  });
});

test("any text survives bash", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 80 }).filter((text) => !text.includes("\0")),
      (token) => {
        const script = `${writeCredential("posix", credential(token))}\nprintf %s "$AWS_SESSION_TOKEN"`;
        expect(sh("bash", ["-c", script])).toBe(token);
      },
    ),
    { numRuns: 40 },
  );
});

test("each format, as it is written", () => {
  const written = Object.fromEntries(
    Object.keys(formats).map((name) => [
      name,
      writeCredential(name as Format, { ...credential("tok/en+=="), endpoint_url: "http://127.0.0.1:3002" }, "shop"),
    ]),
  );
  expect(written).toMatchSnapshot();
});

test.each(Object.keys(formats) as Format[])(
  "%s is written with dots, nothing of a secret and all the rest",
  (format) => {
    const minted = credential("FwoGZXIvYXdzEXAMPLE/token+==");
    const masked = writeMasked(format, minted, "shop");
    expect(masked).not.toContain(minted.credentials.SecretAccessKey);
    expect(masked).not.toContain(minted.credentials.SessionToken);
    expect(masked).toContain("•••• 28 characters");
    const dots = "•".repeat(minted.credentials.SecretAccessKey.length);
    expect(
      masked
        .replace(dots, minted.credentials.SecretAccessKey)
        .replace(`${"•".repeat(28)} 28 characters`, minted.credentials.SessionToken),
    ).toBe(writeCredential(format, minted, "shop"));
  },
);

test("PowerShell closes a string with typographic quotes as well: they are doubled", () => {
  expect(writeCredential("powershell", credential("a\u2019; Remove-Item x; \u2018"))).toContain(
    "$env:AWS_SESSION_TOKEN = 'a\u2019\u2019; Remove-Item x; \u2018\u2018'",
  );
});

test.each([
  ["cmd", "a%PATH%"],
  ["cmd", 'a" & calc & "'],
  ["cmd", "a!b"],
  ["profile", "a\n[other]\naws_access_key_id = x"],
  ["profile", "a #comment"],
  ["dotenv", "a b"],
  ["dotenv", "$(x)"],
  ["posix", "a\0b"],
] as const)("%s refuses %j: it could not carry it", (format, token) => {
  expect(() => writeCredential(format, credential(token))).toThrow(Refusal);
});

test("a profile's name cannot open another section", () => {
  expect(() => writeCredential("profile", credential("t"), "x]\n[default")).toThrow(Refusal);
});

test("the credential_process answer is what SDKs read: Version is the number 1", () => {
  expect(JSON.parse(writeCredential("credential_process", credential("t")))).toEqual({
    Version: 1,
    AccessKeyId: "ASIAEXAMPLE",
    SecretAccessKey: "wJalr/XUtnFEMI+K7MDENG",
    SessionToken: "t",
    Expiration: "2026-11-21T10:00:00Z",
  });
});

const noBotocore = spawnSync("python3", ["-c", "import botocore"]).status !== 0;
test.skipIf(noBotocore)("botocore reads the profile back as it was", () => {
  const text = writeCredential("profile", credential("FwoG/+==", "eu-west-1"), "team/prod");
  const read = execFileSync(
    "python3",
    [
      "-c",
      "import sys,json,tempfile,botocore.configloader as c\nf=tempfile.NamedTemporaryFile('w',delete=False);f.write(sys.stdin.read());f.close();print(json.dumps(c.raw_config_parse(f.name)))",
    ],
    { input: text, encoding: "utf8" },
  );
  expect(JSON.parse(read)["team/prod"]).toEqual({
    aws_access_key_id: "ASIAEXAMPLE",
    aws_secret_access_key: "wJalr/XUtnFEMI+K7MDENG",
    aws_session_token: "FwoG/+==",
    region: "eu-west-1",
  });
});
