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
import { placesOf, settings } from "#/core/config.ts";
import { personId } from "#/core/ids.ts";
import { invoke } from "#/core/invoke.ts";
import { openIssuer } from "#/core/mint/issuer.ts";
import { digest, nonceOf } from "#/core/proof.ts";
import { readKey } from "#/core/secrets.ts";
import type { MintRequest, Ticket } from "#/core/wire.ts";
import { readAccess } from "#/functions/access-file.ts";
import { cast } from "#/sandbox/story/cast.ts";
import { organisation } from "#/sandbox/story/organisation.ts";
import { furnish } from "#/sandbox/story/world.ts";
import { freePorts } from "../../test/pages/product.ts";

const rounds = Number(process.env["ROLETRAIL_BENCH_ROUNDS"] ?? "150");
const issuer = "https://signin.roletrail.test";
const root = path.resolve(import.meta.dirname, "../..");
const home = mkdtempSync(path.join(tmpdir(), "roletrail-bench-mint-"));
const places = placesOf(settings.parse({ ROLETRAIL_HOME: home }));
const children: ChildProcess[] = [];

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
  const taken = { sts: [] as number[], function: [] as number[], api: [] as number[] };
  const roads = await openRoads(port, transport, web);
  for (let round = -20; round < rounds; round += 1) {
    const pair = (step: number) => pairs[(3 * (round + 20) + step) % pairs.length];
    const times = [await roads.sts(pair(0)), await roads.function(pair(1)), await roads.api(pair(2))];
    if (round < 0) continue;
    taken.sts.push(times[0] ?? 0);
    taken.function.push(times[1] ?? 0);
    taken.api.push(times[2] ?? 0);
  }
  report(taken, web !== null);
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
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  return {
    sts: async (pair: Pair) => {
      if (pair === undefined) return 0;
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
      if (pair === undefined) return 0;
      const request = requestFor(pair.role);
      const proof = await proofOf(pair.asker, request);
      return timed(() => invoke(transport, "mint", request, { ticket: pair.asker.ticket, proof }));
    },
    api: async (pair: Pair) => {
      if (pair === undefined || web === null) return 0;
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
  await new Promise<void>((resolve) => web.stdout.on("data", (text) => /ready/i.test(String(text)) && resolve()));
}

function ready(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = fork(path.join(root, `.build/${name}.mjs`), { cwd: root, env });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.on("message", (message) => Object(message).ready === true && resolve());
    child.on("exit", (code) => reject(new Error(`${name} ended (${code})`)));
  });
}

function report(taken: { sts: number[]; function: number[]; api: number[] }, withWeb: boolean): void {
  const at = (times: number[], share: number): number =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
  const line = (name: string, times: number[]): void => {
    const above = at(times, 0.5) - at(taken.sts, 0.5);
    const text = `p50 ${at(times, 0.5).toFixed(1)} ms, p95 ${at(times, 0.95).toFixed(1)} ms`;
    console.log(`${name.padEnd(44)} ${text}${times === taken.sts ? "" : `, above STS p50 ${above.toFixed(1)} ms`}`);
  };
  console.log(`${taken.sts.length} rounds, interleaved, each for another person or role`);
  line("AssumeRoleWithWebIdentity, bare (baseline)", taken.sts);
  line("mint function, ledger on disk", taken.function);
  if (withWeb) line("POST /api/v1/credentials", taken.api);
  else console.log("POST /api/v1/credentials: not measured, the app is not built (npm run build)");
}
