import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { startAws } from "#/sandbox/aws/server.ts";
import type { Account, Organisation, Role, User } from "#/sandbox/aws/state.ts";

/** A sandbox account in this process, on a free port, over a folder of its own. */
export interface Started {
  readonly url: string;
  readonly world: string;
  /** Long-term keys by `<account name>/<user>`, in the shape every SDK client takes. */
  readonly key: (holder: string) => Key;
  /** Shared settings of SDK clients: endpoint, Region, one attempt. */
  readonly client: { readonly endpoint: string; readonly region: string; readonly maxAttempts: number };
  /** Signs a web identity token with the issuer's current key. */
  readonly token: (claims: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>;
  /** Every record delivered to the trail folder so far, oldest file first; what waits is delivered first. */
  readonly records: () => TrailRecord[];
  /** Ends the server and begins it again over the same folder. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read records as the JSON they are
export type TrailRecord = Record<string, any>;

export const issuer = "https://issuer.roletrail.test";
export const accountIds = { main: "111122223333", other: "444455556666", log: "777788889999" } as const;

export async function startSandbox(
  more: { now?: () => Date; delaySeconds?: number; organisation?: Organisation; port?: number } = {},
): Promise<Started> {
  const world = mkdtempSync(path.join(tmpdir(), "roletrail-sandbox-"));
  const organisation = more.organisation ?? smallOrganisation();
  writeFileSync(path.join(world, "aws.json"), JSON.stringify(organisation));
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  publish(world, { ...(await exportJWK(publicKey)), kid: "current", alg: "ES256", use: "sig" });
  const begin = () =>
    startAws({
      port: more.port ?? 0,
      world,
      delaySeconds: more.delaySeconds ?? 0,
      issuer,
      log: (text) => console.error(text),
      ...(more.now === undefined ? {} : { now: more.now }),
    });
  let aws = await begin();
  const now = more.now ?? (() => new Date());
  return {
    get url() {
      return aws.url;
    },
    world,
    get client() {
      return { endpoint: aws.url, region: "eu-west-1", maxAttempts: 1 };
    },
    key: (holder) => keyOf(organisation, holder),
    token: (claims, header) => {
      const seconds = Math.floor(now().getTime() / 1000);
      const payload = { iss: issuer, aud: "sts.amazonaws.com", iat: seconds, exp: seconds + 60, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "current", ...header }).sign(privateKey);
    },
    records: () => {
      aws.flush();
      return recordsUnder(path.join(world, "s3", organisation.trailBucket));
    },
    restart: async () => {
      await aws.close();
      aws = await begin();
    },
    close: async () => {
      await aws.close();
      rmSync(world, { recursive: true, force: true });
    },
  };
}

function publish(world: string, key: Record<string, unknown>): void {
  const folder = path.join(world, "issuer");
  mkdirSync(path.join(folder, ".well-known"), { recursive: true });
  writeFileSync(
    path.join(folder, ".well-known/openid-configuration"),
    JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks.json` }),
  );
  writeFileSync(path.join(folder, "jwks.json"), JSON.stringify({ keys: [key] }));
}

export function trailFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".json.gz")).sort();
}

function recordsUnder(folder: string): TrailRecord[] {
  return trailFiles(folder).flatMap(
    (name) => JSON.parse(gunzipSync(readFileSync(path.join(folder, name))).toString("utf8")).Records,
  );
}

function keyOf(organisation: Organisation, holder: string): Key {
  const [accountName, userName] = holder.split("/");
  const account = organisation.accounts.find((one) => one.name === accountName);
  const key =
    userName === "root" ? account?.rootKeys?.[0] : account?.users.find((user) => user.name === userName)?.accessKeys[0];
  if (key === undefined) throw new Error(`no key for ${holder}`);
  return { accessKeyId: key.id, secretAccessKey: key.secret };
}

export const policy = (...statements: Record<string, unknown>[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

export const allow = (action: string | string[], resource: string | string[] = "*") => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
});

const stsActions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

export const trust = (
  principal: string | Record<string, unknown>,
  condition?: Record<string, unknown>,
  actions = stsActions,
) =>
  policy({
    Effect: "Allow",
    Principal: typeof principal === "string" ? { AWS: principal } : principal,
    Action: actions,
    ...(condition === undefined ? {} : { Condition: condition }),
  });

let serial = 0;

/** Sixteen letters that no other holder of this process has. */
const tail = () =>
  String(++serial)
    .replace(/\d/g, (digit) => "ABCDEFGHIJ".charAt(Number(digit)))
    .padStart(16, "Z");

export function makeRole(name: string, trustPolicy: string, more: Partial<Role> = {}): Role {
  return {
    name,
    path: "/",
    id: `AROA${tail()}`,
    createdAt: "2026-01-01T00:00:00Z",
    maxSessionSeconds: 3600,
    trustPolicy,
    inlinePolicies: {},
    attachedPolicyArns: [],
    tags: {},
    ...more,
  };
}

export function makeUser(name: string, inline: Record<string, string> = {}, more: Partial<User> = {}): User {
  const own = tail();
  return {
    name,
    path: "/",
    id: `AIDA${own}`,
    createdAt: "2026-01-01T00:00:00Z",
    inlinePolicies: inline,
    attachedPolicyArns: [],
    tags: {},
    accessKeys: [{ id: `AKIA${own}`, secret: `secret-of-${name}`, active: true, createdAt: "2026-01-01T00:00:00Z" }],
    mfaDevices: [],
    ...more,
  };
}

export const makeAccount = (id: string, name: string, more: Partial<Account> = {}): Account => ({
  id,
  name,
  roles: [],
  users: [],
  managedPolicies: [],
  oidcProviders: [],
  buckets: [],
  eventSelectors: [{ ReadWriteType: "All", IncludeManagementEvents: true, DataResources: [] }],
  ...more,
});

/** Three accounts by hand: users, a role for each rule, buckets. */
export function smallOrganisation(): Organisation {
  const { main, other, log } = accountIds;
  const root = (account: string) => `arn:aws:iam::${account}:root`;
  const any = { Admin: policy(allow("*")) };
  const web = (role: string) =>
    trust(
      { Federated: `arn:aws:iam::${main}:oidc-provider/issuer.roletrail.test` },
      {
        StringEquals: { "issuer.roletrail.test:aud": "sts.amazonaws.com" },
        StringLike: { "issuer.roletrail.test:sub": `${main}:${role}:*` },
        "ForAllValues:StringEquals": { "aws:TagKeys": ["RoletrailMint", "team"] },
      },
      ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
    );
  const seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  const users = [
    makeUser("admin", any),
    makeUser("nobody"),
    makeUser("mfa-user", any, { mfaDevices: [{ serial: `arn:aws:iam::${main}:mfa/mfa-user`, seed }] }),
    makeUser("federator", { Lend: policy(allow(["sts:GetFederationToken", "sts:TagSession", "s3:*", "iam:*"])) }),
  ];
  const roles = [
    makeRole("Plain", trust(root(main)), { inlinePolicies: any, maxSessionSeconds: 3600 }),
    makeRole("Long", trust(root(main)), { inlinePolicies: any, maxSessionSeconds: 43_200 }),
    makeRole("Second", trust(root(main)), { inlinePolicies: any, maxSessionSeconds: 43_200 }),
    makeRole("External", trust(root(main), { StringEquals: { "sts:ExternalId": "right-one" } }), {
      inlinePolicies: any,
    }),
    makeRole("Mfa", trust(root(main), { Bool: { "aws:MultiFactorAuthPresent": "true" } }), { inlinePolicies: any }),
    makeRole("Bare", trust(root(main), undefined, ["sts:AssumeRole"]), { inlinePolicies: any }),
    makeRole("Emptied", trust(root(main))),
    makeRole("Unbound", trust(root(main)), {
      inlinePolicies: any,
      permissionsBoundaryArn: `arn:aws:iam::${main}:policy/Gone`,
    }),
    makeRole("Web", web("Web"), { inlinePolicies: any, maxSessionSeconds: 43_200 }),
    makeRole("WebTwo", web("WebTwo"), { inlinePolicies: any }),
    makeRole("WithPath", trust(root(main)), { path: "/service-role/", inlinePolicies: any }),
  ];
  const bucket = (name: string, document?: string) => ({
    name,
    region: "eu-west-1",
    createdAt: "2026-01-01T00:00:00Z",
    ...(document === undefined ? {} : { policy: document }),
  });
  return {
    id: "o-abc123def4",
    logArchiveAccount: log,
    trailName: "organization",
    trailBucket: "org-trail",
    homeRegion: "eu-west-1",
    accounts: [
      makeAccount(main, "main", {
        users,
        roles,
        oidcProviders: [
          { url: "issuer.roletrail.test", clientIds: ["sts.amazonaws.com"], thumbprints: [] },
          { url: "idp.unreachable.test", clientIds: ["sts.amazonaws.com"], thumbprints: [] },
        ],
        buckets: [bucket("main-data")],
        rootKeys: [
          { id: "AKIAROOTROOTROOTROOT", secret: "secret-of-root", active: true, createdAt: "2026-01-01T00:00:00Z" },
        ],
      }),
      makeAccount(other, "other", {
        users: [makeUser("admin", any)],
        roles: [
          makeRole("Partner", trust(root(main)), { inlinePolicies: any }),
          makeRole("Closed", trust(root(other)), { inlinePolicies: any }),
        ],
        buckets: [
          bucket("other-data"),
          bucket(
            "other-shared",
            policy({
              Effect: "Allow",
              Principal: { AWS: root(main) },
              Action: "s3:*",
              Resource: ["arn:aws:s3:::other-shared", "arn:aws:s3:::other-shared/*"],
            }),
          ),
        ],
      }),
      makeAccount(log, "log", { users: [makeUser("admin", any)], buckets: [bucket("org-trail")] }),
    ],
  };
}
