// The arrows and doors of the design: who may import whom. dependency-cruiser enforces them; tools/arrows.mjs fails
// when it looked at fewer modules than exist.
const rooms = (...names) => `^(${names.join("|")})/`;
const only = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });
const packageDoor = (name, packages, doors) =>
  only(
    name,
    { pathNot: [...doors, "^(test|tools)/", "^node_modules/"] },
    { path: `node_modules/(${packages})/` },
    `only ${doors.join(", ")}`,
  );

module.exports = {
  forbidden: [
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    only(
      "nothing-points-at-the-top",
      { pathNot: rooms("app", "cli", "functions", "sandbox", "infra", "test", "tools") },
      { path: rooms("app", "cli", "functions", "sandbox", "infra", "test") },
    ),
    only(
      "infra",
      { path: "^infra/" },
      { path: rooms("app", "core", "queries", "functions", "cli", "sandbox", "test", "tools") },
      "a deployment names handlers by their path; it shares no code with what it deploys",
    ),
    only(
      "app",
      { path: "^app/" },
      {
        path: rooms(
          "functions",
          "sandbox",
          "cli",
          "test",
          "tools",
          "core/store",
          "core/mint",
          "queries/engines",
          "queries/ingest",
          "queries/sources",
        ),
      },
    ),
    only("app-queries-by-catalogue", { path: "^app/" }, { path: "^queries/", pathNot: "^queries/catalogue" }),
    only("functions", { path: "^functions/" }, { path: rooms("app", "sandbox", "cli", "test", "tools") }),
    only("queries", { path: "^queries/" }, { path: rooms("app", "functions", "sandbox", "cli", "test", "tools") }),
    only("core", { path: "^core/" }, { path: rooms("app", "queries", "functions", "sandbox", "cli", "test", "tools") }),
    only("cli", { path: "^cli/" }, { path: rooms("app", "functions", "sandbox", "test", "tools") }),
    only("sandbox", { path: "^sandbox/" }, { path: rooms("app", "functions", "queries", "cli", "test", "tools") }),
    only(
      "story-is-independent",
      { path: "^sandbox/story/" },
      { path: rooms("queries", "core/iam") },
      "the story's truth must not share code with what it checks",
    ),
    packageDoor("door-sts", "@aws-sdk/client-sts", ["^core/mint/"]),
    packageDoor("door-iam", "@aws-sdk/client-(iam|organizations)", ["^core/revoke", "^core/mint/preflight"]),
    packageDoor("door-s3", "@aws-sdk/(client-s3|s3-request-presigner)", [
      "^queries/sources/",
      "^core/invoke-answers",
      "^core/anchors-s3",
      "^core/access-s3",
    ]),
    packageDoor("door-cloudtrail", "@aws-sdk/client-cloudtrail", ["^queries/sources/"]),
    packageDoor("door-kms", "@aws-sdk/client-kms", ["^core/mint/issuer-kms"]),
    packageDoor("door-sns", "@aws-sdk/client-sns", ["^core/notify"]),
    packageDoor("door-lambda", "@aws-sdk/client-lambda", ["^core/invoke-lambda"]),
    packageDoor("door-secrets", "@aws-sdk/client-secrets-manager", ["^core/secrets-aws"]),
    packageDoor("door-store", "libsql|@aws-sdk/client-dynamodb", ["^core/store/"]),
    packageDoor("door-athena", "@aws-sdk/client-athena", ["^queries/engines/athena"]),
    packageDoor("door-duckdb", "@duckdb/[a-z-]+", ["^queries/engines/duckdb"]),
    packageDoor("door-next", "(next|react|react-dom|next-auth)", [
      "^app/",
      "^(proxy|instrumentation|next\\.config)\\.ts$",
      "^next-env\\.d\\.ts$",
      "^\\.next/",
    ]),
    packageDoor("door-oidc-provider", "oidc-provider", ["^sandbox/signin/"]),
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(\\.next|\\.build|\\.roletrail|\\.cache|\\.sst|\\.open-next)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
