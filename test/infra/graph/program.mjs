// Runs in a process of its own: sst.config.ts with SST's real components, Pulumi's engine replaced by mocks. Bundled by
// evaluate.ts together with the platform's sources; what it registers goes to the file named by ROLETRAIL_GRAPH.
import { writeFileSync } from "node:fs";
import config from "roletrail:config";
import * as sst from "sst:components";
import { run } from "sst:run";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { answerCall, answerResource } from "./answers.mjs";

Object.assign(globalThis, { aws, sst });
const resources = [];
const secretMark = "4dabf18193072939515e22adb298388d";

process.on("unhandledRejection", (error) => {
  console.error(error);
  process.exit(1);
});

await pulumi.runtime.setMocks(
  {
    newResource: ({ type, name, inputs, custom, provider }) => {
      resources.push({ type, name, custom: custom ?? true, provider: provider ?? null, inputs: plain(inputs) });
      return answerResource(type, name, plain(inputs));
    },
    call: ({ token, inputs }) => answerCall(token, plain(inputs)),
  },
  "roletrail",
  $app.stage,
  false,
);

let outputs = null;
void pulumi.runtime.runInPulumiStack(async () => {
  const made = await run(config.run);
  pulumi.output(made).apply((value) => {
    outputs = value;
  });
  return {};
});

// A mock engine has no end of a deployment: it is over when nothing new came for a while and no handler is being bundled.
let seen = -1;
let quiet = 0;
while (quiet < 8) {
  await new Promise((resolve) => setTimeout(resolve, 250));
  const building = await (await fetch(`${process.env.SST_SERVER}/building`)).text();
  quiet = resources.length === seen && outputs !== null && building === "0" ? quiet + 1 : 0;
  seen = resources.length;
}
writeFileSync(process.env.ROLETRAIL_GRAPH, JSON.stringify({ outputs: plain(outputs), resources }));
process.exit(0);

/** Secrets unwrapped, assets by their path, serialised providers left out. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (value[secretMark] === "1b47061264138c4ac30d75fd1eb44270") return plain(value.value);
  if (pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value))
    return { asset: String(value.path) };
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "__provider")
      .map(([name, each]) => [name, plain(each)]),
  );
}
