import { execFile, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { z } from "zod";

export const root = path.resolve(import.meta.dirname, "../../..");

const Graph = z.object({
  outputs: z.record(z.string(), z.unknown()),
  resources: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      custom: z.boolean(),
      provider: z.string().nullable(),
      inputs: z.json(),
    }),
  ),
});
export interface Resource {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs of some thirty resource types, looked into by assertions alone
  readonly inputs: any;
}
export interface Graph {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly resources: readonly Resource[];
  /** Handlers that were bundled, as SST's build was asked for them. */
  readonly bundled: readonly string[];
}

/**
 * Everything a deployment would make, without AWS: sst.config.ts evaluated with SST's own components against mocks, every
 * handler bundled for real. It does not see what only AWS checks: quotas, name clashes, what a provider refuses.
 *
 * @param deployments for each graph, the deployment's environment on top of the test's own. The program and the handlers'
 * bundles are the same for all, and made once.
 */
export async function evaluate(
  platform: string,
  deployments: readonly Readonly<Record<string, string>>[],
): Promise<readonly Graph[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-graph-"));
  const program = path.join(platform, `graph-${path.basename(folder)}.mjs`);
  const bundles = new Bundles(folder);
  const server = await serveBuilds(bundles);
  try {
    layOut(folder);
    await bundleProgram(platform, folder, program);
    const graphs: Graph[] = [];
    for (const told of deployments) {
      bundles.asked.clear();
      const answer = path.join(folder, "graph.json");
      await run(program, { ...environment(folder), ...told, SST_SERVER: server.url, ROLETRAIL_GRAPH: answer });
      const made = Graph.parse(JSON.parse(readFileSync(answer, "utf8")));
      graphs.push({ ...made, bundled: [...bundles.asked].sort() });
    }
    return graphs;
  } finally {
    server.close();
    rmSync(program, { force: true });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the deployment of the tests is told: a company with two accounts besides its security account. */
export const told = {
  ROLETRAIL_DEPLOY_REGION: "eu-central-1",
  ROLETRAIL_DEPLOY_ACCOUNT: "111122223333",
  ROLETRAIL_DEPLOY_ORGANISATION: "o-exampleorg1",
  ROLETRAIL_DEPLOY_DOMAIN: "roletrail.example.com",
  ROLETRAIL_DEPLOY_ISSUER: "issuer.example.com",
  ROLETRAIL_DEPLOY_ISSUER_ADMIN: "arn:aws:iam::111122223333:role/IssuerAdmin",
  ROLETRAIL_DEPLOY_NOTIFY: "platform@example.com",
} as const;

const environment = (folder: string): NodeJS.ProcessEnv => ({
  NODE_ENV: "test",
  PATH: process.env["PATH"] ?? "",
  HOME: folder,
  AWS_EC2_METADATA_DISABLED: "true",
  SST_SECRET_CookieKey: "the-cookie-key",
  ...told,
});

/** A root as SST's own commands would find it, with what OpenNext's build leaves (open-next.test.ts holds it to the real one). */
function layOut(folder: string): void {
  const site = path.join(root, "test/infra/graph/site");
  for (const part of ["assets/_next/static", "server-functions/default", "image-optimization-function", "private"])
    mkdirSync(path.join(folder, ".open-next", part), { recursive: true });
  for (const part of [".next", ".sst/artifacts"]) mkdirSync(path.join(folder, part), { recursive: true });
  copyFileSync(path.join(site, "access.yaml"), path.join(folder, "access.yaml"));
  copyFileSync(path.join(site, "open-next.output.json"), path.join(folder, ".open-next/open-next.output.json"));
  const handler = "export const handler = async () => null;\n";
  const written: Readonly<Record<string, string>> = {
    ".next/BUILD_ID": "build",
    ".next/routes-manifest.json": JSON.stringify({ basePath: "" }),
    ".next/prerender-manifest.json": JSON.stringify({ version: 4, routes: {} }),
    ".open-next/server-functions/default/index.mjs": handler,
    ".open-next/private/balancer.mjs": handler,
    ".open-next/image-optimization-function/index.mjs": handler,
  };
  for (const [name, text] of Object.entries(written)) writeFileSync(path.join(folder, name), text);
}

async function bundleProgram(platform: string, folder: string, outfile: string): Promise<void> {
  const defined = {
    $app: { name: "roletrail", stage: "production", removal: "retain", protect: true, providers: {} },
    $cli: {
      command: "deploy",
      rpc: "",
      paths: { home: folder, root: folder, work: path.join(folder, ".sst"), platform },
      state: { version: {} },
    },
    $dev: false,
  };
  await build({
    entryPoints: [path.join(root, "test/infra/graph/program.mjs")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    sourcemap: "inline",
    logLevel: "silent",
    define: Object.fromEntries(Object.entries(defined).map(([name, value]) => [name, JSON.stringify(value)])),
    inject: [path.join(platform, "src/shim/run.js")],
    alias: {
      "roletrail:config": path.join(root, "sst.config.ts"),
      "sst:components": path.join(platform, "src/components/index.ts"),
      "sst:run": path.join(platform, "src/auto/run.ts"),
    },
    packages: "external",
    banner: {
      js: `import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);`,
    },
  });
}

function run(program: string, env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--enable-source-maps", program], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(Buffer.concat(said).toString("utf8").slice(0, 4_000))),
    );
  });
}

const Asked = z.object({
  functionID: z.string(),
  handler: z.string(),
  bundle: z.string().optional(),
  properties: z
    .object({ loader: z.record(z.string(), z.string()).optional() })
    .loose()
    .optional(),
});

/** The two questions SST's components put to the SST process: where assets go, and the bundle of a handler. */
async function serveBuilds(bundles: Bundles): Promise<{ url: string; close: () => void }> {
  let building = 0;
  const server = http.createServer((request, response) => {
    if (request.url === "/building") return response.end(String(building));
    building += 1;
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { method, params } = z
        .object({ method: z.string(), params: z.array(z.unknown()) })
        .parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
      const answer = await answerTo(method, params[0], bundles).then(
        (result) => ({ result }),
        (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
      );
      response.end(JSON.stringify(answer));
    })().finally(() => {
      building -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answerTo(method: string, asked: unknown, bundles: Bundles): Promise<unknown> {
  if (method === "Provider.Aws.Bootstrap")
    return { asset: "sst-assets", assetEcrUrl: "", assetEcrRegistryId: "", state: "" };
  if (method !== "Runtime.Build") throw new Error(`rpc: can't find ${method}`);
  const { functionID, handler, bundle, properties } = Asked.parse(asked);
  if (bundle !== undefined) return { handler, out: bundle, errors: [], sourcemaps: [] };
  return bundles.of(functionID, handler, z.record(z.string(), z.literal("text")).parse(properties?.loader ?? {}));
}

/** Handlers' bundles, each made and loaded once. */
class Bundles {
  readonly #folder: string;
  readonly #made = new Map<string, Promise<unknown>>();
  /** Handlers that were asked for and could be bundled. */
  readonly asked = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  of(functionID: string, handler: string, loader: Record<string, "text">): Promise<unknown> {
    const made = this.#made.get(handler) ?? this.#make(functionID, handler, loader);
    this.#made.set(handler, made);
    return made.then((answer) => {
      if (!("error" in Object(answer))) this.asked.add(handler);
      return answer;
    });
  }

  async #make(functionID: string, handler: string, loader: Record<string, "text">): Promise<unknown> {
    const out = path.join(this.#folder, ".sst/artifacts", `${functionID}-src`);
    const dot = handler.lastIndexOf(".");
    const name = path.basename(handler.slice(0, dot));
    const file = path.join(out, `${name}.mjs`);
    try {
      await bundleHandler(path.join(root, `${handler.slice(0, dot)}.ts`), file, loader);
      await loads(file);
    } catch (error) {
      return { handler, out, errors: [`${handler}: ${String(error)}`], sourcemaps: [], error: true };
    }
    return { handler: `${name}${handler.slice(dot)}`, out, errors: [], sourcemaps: [] };
  }
}

/** As Lambda begins: the bundle is imported and has a handler. @throws what Node says, a native module that is not there, say. */
async function loads(file: string): Promise<void> {
  const look = `const { handler } = await import(${JSON.stringify(file)}); if (typeof handler !== "function") throw new Error("no handler");`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", look], {
    env: { PATH: "", NODE_ENV: "production" },
  });
}

/** As SST bundles a handler: packages included, one file. @throws esbuild's error. */
export async function bundleHandler(
  source: string,
  outfile: string,
  loader: Record<string, "text"> = {},
): Promise<void> {
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2022",
    logLevel: "silent",
    mainFields: ["module", "main"],
    loader,
    banner: {
      js: `import { createRequire as topLevelCreateRequire } from "module"; const require = topLevelCreateRequire(import.meta.url);`,
    },
  });
}

type Entry = (event: unknown, context?: unknown) => Promise<unknown>;

/** Functions as they are deployed: each one file, which Node imports as Lambda does. */
export interface BuiltHandlers<Name extends string> {
  /** Instances that know nothing of those before. Each loads its file with its first call, as a cold start does. */
  readonly newInstances: () => Readonly<Record<Name, Entry>>;
  readonly remove: () => void;
}

export async function buildHandlers<Name extends string>(names: readonly Name[]): Promise<BuiltHandlers<Name>> {
  const folder = mkdtempSync(path.join(tmpdir(), "roletrail-handlers-"));
  // In a folder of this name the test runner leaves files alone: it would rewrite megabytes of each bundle.
  const fileOf = (name: Name): string => path.join(folder, "node_modules", `${name}.mjs`);
  await Promise.all(
    names.map((name) =>
      bundleHandler(path.join(root, `functions/lambda/${name}.ts`), fileOf(name), { ".sql": "text" }),
    ),
  );
  let count = 0;
  const instanceOf = (name: Name): Entry => {
    count += 1;
    const address = `${pathToFileURL(fileOf(name)).href}?instance=${count}`;
    let loaded: Promise<{ handler: Entry }> | undefined;
    return async (event, context) => {
      loaded ??= import(/* @vite-ignore */ address);
      return (await loaded).handler(event, context);
    };
  };
  return {
    newInstances: () =>
      Object.fromEntries(names.map((name) => [name, instanceOf(name)])) as Readonly<Record<Name, Entry>>,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
