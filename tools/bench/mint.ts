// What a mint costs above the bare STS call: through the function (socket, proof, store, ledger on disk) and through
// `POST /api/v1/credentials`. Baseline in the same run, interleaved: AssumeRoleWithWebIdentity by client-sts, each for
// another person or role. The sandbox account, functions and web are the product's own processes.
import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { encode } from "next-auth/jwt";
import { type AccessFile, nameOf, rolesOf } from "#/core/access.ts";
import { readAccess } from "#/core/access-file.ts";
import { placesOf, settings } from "#/core/config.ts";
import { personId } from "#/core/ids.ts";
import { invoke } from "#/core/invoke.ts";
import { openIssuer } from "#/core/mint/issuer.ts";
import { digest, nonceOf } from "#/core/proof.ts";
import { readKey } from "#/core/secrets.ts";
import type { MintRequest, Ticket } from "#/core/wire.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { organisation } from "#/sandbox/story/organisation.ts";
import { furnish } from "#/sandbox/story/world.ts";
import { freePorts } from "../../test/pages/product.ts";

const rounds = Number(process.env["ROLETRAIL_BENCH_ROUNDS"] ?? "150");
/** Rounds before anything counts: the compiler of a fresh process needs some hundred calls. */
const warmUp = 100;
const issuer = "https://signin.roletrail.test";
const root = path.resolve(import.meta.dirname, "../..");
const home = mkdtempSync(path.join(tmpdir(), "roletrail-bench-mint-"));
const places = placesOf(settings.parse({ ROLETRAIL_HOME: home }));
const children: ChildProcess[] = [];
const pids = new Map([["client", process.pid]]);

try {
  await measure();
} finally {
  for (const child of children) child.kill();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
process.exit();

interface Asker {
  readonly person: string;
  readonly ticket: Ticket;
  readonly cookie: string;
  readonly jwk: JWK;
  readonly n: string;
  readonly key: CryptoKey;
  readonly roles: readonly string[];
}

async function measure(): Promise<void> {
  furnish(places, organisation());
  const provider = await playProvider();
  const port = await freePorts();
  const transport = {
    socket: path.join(places.world, "functions.sock"),
    secret: randomBytes(24).toString("base64url"),
  };
  const cookieSecret = randomBytes(32).toString("base64url");
  await startProcesses(port, provider.discovery, transport, cookieSecret);
  const access = readAccess(places.access);
  const askers = await Promise.all(cast.map((member) => signIn(member, access, provider, transport, cookieSecret)));
  const pairs = askers.flatMap((asker) => asker.roles.map((role) => ({ asker, role })));
  const web = existsSync(path.join(root, ".next/BUILD_ID")) ? `http://localhost:${port}` : null;
  const taken = { sts: [] as Cost[], function: [] as Cost[], api: [] as Cost[] };
  const roads = await openRoads(port, transport, web);
  let begun = processorMs();
  for (let round = -warmUp; round < rounds; round += 1) {
    const pair = (step: number) => pairs[(3 * (round + warmUp) + step) % pairs.length];
    const costs = [await roads.sts(pair(0)), await roads.function(pair(1)), await roads.api(pair(2))] as const;
    if (round < 0) {
      begun = processorMs();
      continue;
    }
    taken.sts.push(costs[0]);
    taken.function.push(costs[1]);
    taken.api.push(costs[2]);
  }
  const ended = processorMs();
  report(taken, web !== null);
  const whole = [...ended].map(([name, at]) => `${name} ${((at - (begun.get(name) ?? 0)) / rounds).toFixed(2)}`);
  console.log(`processor ms a round (one call of each), with all that goes on besides: ${whole.join(", ")}`);
}

/** What one call cost, in milliseconds: on the clock, and of the main thread of each process. */
interface Cost {
  readonly ms: number;
  readonly cpu: ReadonlyMap<string, number>;
}

const nothing = (): Cost => ({ ms: 0, cpu: new Map() });

/** Processor milliseconds of each process's main thread so far: a busy machine changes these little. Linux only. */
function processorMs(): Map<string, number> {
  const of = (pid: number): number => {
    const file = `/proc/${pid}/task/${pid}/schedstat`;
    return existsSync(file) ? Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6 : 0;
  };
  return new Map([...pids].map(([name, pid]) => [name, of(pid)]));
}

type Pair = { readonly asker: Asker; readonly role: string } | undefined;

/** Each answers how long its call took, in milliseconds; tokens and proofs are made before the clock starts. */
async function openRoads(port: number, transport: { socket: string; secret: string }, web: string | null) {
  const own = await openIssuer("https://issuer.roletrail.test", {
    file: path.join(places.secrets, "issuer.json"),
    folder: places.issuer,
    now: () => new Date(),
  });
  const client = new STSClient({ endpoint: `http://127.0.0.1:${port + 2}`, region: "eu-central-1", maxAttempts: 1 });
  const agent = new http.Agent({ keepAlive: true });
  const timed = async (work: () => Promise<unknown>): Promise<Cost> => {
    const before = processorMs();
    const began = performance.now();
    await work();
    const ms = performance.now() - began;
    return { ms, cpu: new Map([...processorMs()].map(([name, at]) => [name, at - (before.get(name) ?? 0)])) };
  };
  return {
    sts: async (pair: Pair) => {
      if (pair === undefined) return nothing();
      const { asker, role } = pair;
      const command = new AssumeRoleWithWebIdentityCommand({
        RoleArn: role,
        RoleSessionName: asker.person,
        DurationSeconds: 900,
        WebIdentityToken: await own.sign(bareClaims(role, asker.person)),
      });
      return timed(() => client.send(command));
    },
    function: async (pair: Pair) => {
      if (pair === undefined) return nothing();
      const request = requestFor(pair.role);
      const proof = await proofOf(pair.asker, request);
      return timed(() => invoke(transport, "mint", request, { ticket: pair.asker.ticket, proof }));
    },
    api: async (pair: Pair) => {
      if (pair === undefined || web === null) return nothing();
      const request = requestFor(pair.role);
      const proof = await proofOf(pair.asker, request);
      return timed(() => post(agent, web, { body: JSON.stringify(request), cookie: pair.asker.cookie, proof }));
    },
  };
}

function requestFor(role: string): MintRequest {
  return { role, seconds: 900, reason: "bench" };
}

function bareClaims(role: string, person: string) {
  const iat = Math.floor(Date.now() / 1000);
  const tags = { principal_tags: { RoletrailMint: ["m_bench"] }, transitive_tag_keys: ["RoletrailMint"] };
  const sub = `${role.split(":")[4]}:${nameOf(role)}:${person}`;
  const more = { "https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": person };
  return { aud: "sts.amazonaws.com", sub, iat, exp: iat + 60, ...more };
}

function post(
  agent: http.Agent,
  origin: string,
  { body, cookie, proof }: { body: string; cookie: string; proof: string },
) {
  const headers = { "content-type": "application/json", origin, cookie, "roletrail-proof": proof };
  return new Promise<void>((resolve, reject) => {
    const request = http.request(`${origin}/api/v1/credentials`, { agent, method: "POST", headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => (response.statusCode === 200 ? resolve() : reject(new Error(text))));
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function proofOf({ jwk, n, key }: Asker, request: MintRequest): Promise<string> {
  return new SignJWT({ deed: "mint", req: digest(request) })
    .setProtectedHeader({ alg: "ES256", typ: "roletrail-proof+jwt", jwk, n })
    .setJti(randomBytes(16).toString("base64url"))
    .setIssuedAt()
    .sign(key);
}

async function signIn(
  member: (typeof cast)[number],
  access: AccessFile,
  provider: Provider,
  transport: { socket: string; secret: string },
  secret: string,
): Promise<Asker> {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const jkt = await calculateJwkThumbprint(jwk);
  const n = randomBytes(32).toString("base64url");
  const id_token = await provider.idToken(member, nonceOf(jkt, n));
  const { session } = await invoke(transport, "vault", { action: "put", id_token, jkt, n, renews: null });
  const ticket = session?.ticket;
  if (ticket === undefined || session === undefined) throw new Error(`${member.name} could not sign in`);
  const person = personId(readKey(places.secrets, "person"), issuer, member.sub);
  const token = { ...ticket, jkt, person, renewed_at: Date.now() };
  const cookie = `roletrail-sandbox=${await encode({ token, secret, maxAge: 3600 })}`;
  const roles = rolesOf(access, session.person)
    .filter(({ role }) => role.road === "web-identity")
    .map(({ role }) => role.arn);
  return { person, ticket, cookie, jwk, n, key: privateKey, roles };
}

interface Provider {
  readonly discovery: string;
  readonly idToken: (member: (typeof cast)[number], nonce: string) => Promise<string>;
}

async function playProvider(): Promise<Provider> {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const keys = [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }];
  const server = http.createServer((asked, answer) => {
    const body = asked.url === "/keys" ? { keys } : { issuer, jwks_uri: `${at()}/keys` };
    answer.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    discovery: `${at()}/.well-known/openid-configuration`,
    idToken: ({ sub, name, groups }, nonce) =>
      new SignJWT({ name, groups, nonce, auth_time: Math.floor(Date.now() / 1000) })
        .setProtectedHeader({ alg: "RS256", kid: "one" })
        .setIssuer(issuer)
        .setAudience("roletrail")
        .setSubject(sub)
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(privateKey),
  };
}

async function startProcesses(
  port: number,
  discovery: string,
  { socket, secret }: { socket: string; secret: string },
  cookieSecret: string,
): Promise<void> {
  const base = {
    ...process.env,
    NODE_ENV: "production" as const,
    ROLETRAIL_PORT: String(port),
    ROLETRAIL_WORLD: "sandbox",
  };
  const sockets = { ROLETRAIL_SOCKET: socket, ROLETRAIL_SOCKET_SECRET: secret };
  const key = JSON.parse(readFileSync(path.join(places.secrets, "functions-aws.json"), "utf8"));
  const aws = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port + 2}`,
    AWS_REGION: key.region,
    AWS_ACCESS_KEY_ID: key.access_key_id,
    AWS_SECRET_ACCESS_KEY: key.secret_access_key,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  await ready("sandbox", { ...base, ROLETRAIL_HOME: home });
  await ready("functions", { ...base, ...sockets, ...aws, ROLETRAIL_HOME: home, ROLETRAIL_OIDC_DISCOVERY: discovery });
  if (!existsSync(path.join(root, ".next/BUILD_ID"))) return;
  const next = [path.join(root, "node_modules/next/dist/bin/next"), "start", "-H", "127.0.0.1", "-p", String(port)];
  const env = { ...base, ...sockets, ROLETRAIL_COOKIE_SECRET: cookieSecret, NEXTAUTH_SECRET: cookieSecret };
  const web = spawn(process.execPath, next, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  children.push(web);
  pids.set("web", web.pid ?? 0);
  await new Promise<void>((resolve) => web.stdout.on("data", (text) => /ready/i.test(String(text)) && resolve()));
}

function ready(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = fork(path.join(root, `.build/${name}.mjs`), { cwd: root, env });
  children.push(child);
  pids.set(name, child.pid ?? 0);
  return new Promise((resolve, reject) => {
    child.on("message", (message) => Object(message).ready === true && resolve());
    child.on("exit", (code) => reject(new Error(`${name} ended (${code})`)));
  });
}

function report(taken: { sts: Cost[]; function: Cost[]; api: Cost[] }, withWeb: boolean): void {
  const median = (values: readonly number[], share = 0.5): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;
  // Of the pairs of one round, so that what slows both counts in neither.
  const above = (costs: readonly Cost[]): number => median(costs.map(({ ms }, at) => ms - (taken.sts[at]?.ms ?? 0)));
  const line = (name: string, costs: readonly Cost[]): void => {
    const times = costs.map(({ ms }) => ms);
    const text = `p10 ${median(times, 0.1).toFixed(1)} ms, p50 ${median(times).toFixed(1)} ms, p95 ${median(times, 0.95).toFixed(1)} ms`;
    const more = costs === taken.sts ? "" : `, above STS p50 ${above(costs).toFixed(1)} ms`;
    const processor = [...pids.keys()].map(
      (each) => `${each} ${median(costs.map(({ cpu }) => cpu.get(each) ?? 0)).toFixed(2)}`,
    );
    console.log(`${name.padEnd(44)} ${text}${more}; processor ms: ${processor.join(", ")}`);
  };
  console.log(`${taken.sts.length} rounds, interleaved, each for another person or role`);
  line("AssumeRoleWithWebIdentity, bare (baseline)", taken.sts);
  line("mint function, ledger on disk", taken.function);
  if (withWeb) line("POST /api/v1/credentials", taken.api);
  else console.log("POST /api/v1/credentials: not measured, the app is not built (npm run build)");
}
