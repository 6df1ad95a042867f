// After the build: no native engine or store in the app, and nothing of AWS, the engines or secrets in what a browser
// is sent.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const filesUnder = (folder) =>
  readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

const checks = [
  {
    folder: ".next/server",
    only: /\.(m?js|json)$/,
    // With the Lambda client the web tier calls functions; it has no other client of AWS. Next takes no excludes for the
    // files of its proxy: what this machine keeps in .cache is named there, and is no part of the app.
    forbidden: ["@duckdb/node", "libsql", "@aws-sdk/client-", "oidc-provider"],
    but: /@aws-sdk\/client-lambda|"[./]*\/\.cache\/[^"]*"/g,
  },
  {
    folder: ".next/static",
    only: /\.js$/,
    forbidden: [
      "aws-sdk",
      "AssumeRoleWithWebIdentity",
      "duckdb",
      "libsql",
      "ROLETRAIL_SOCKET_SECRET",
      "ROLETRAIL_COOKIE_SECRET",
      "NEXTAUTH_SECRET",
      "node:crypto",
    ],
  },
];
let looked = 0;
let found = 0;
for (const { folder, only, forbidden, but } of checks) {
  for (const file of filesUnder(folder)) {
    if (!only.test(file)) continue;
    looked += 1;
    const whole = readFileSync(file, "utf8");
    const text = but === undefined ? whole : whole.replaceAll(but, "");
    for (const word of forbidden.filter((each) => text.includes(each))) {
      found += 1;
      process.stderr.write(`leak: ${word} in ${path.relative(root, file)}\n`);
    }
  }
}
if (looked < 10) {
  process.stderr.write(`leaks looked at ${looked} files only: build first\n`);
  process.exit(1);
}
process.stdout.write(`leaks: ${looked} files, ${found} found\n`);
process.exit(found > 0 ? 1 : 0);
