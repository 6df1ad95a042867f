import { CreateRoleCommand, type IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { trustStatements } from "#/core/mint/trust.ts";
import { accessOf } from "./access.ts";
import { tagKey } from "./names.ts";
import { externalId, hourSeconds, type RoleKind, roleArn } from "./role-names.ts";
import type { Run } from "./run.ts";
import { settled } from "./steps.ts";

const halfDaySeconds = 43_200;

interface RoleSpec {
  readonly kind: RoleKind;
  readonly seconds: number;
  /** Makes sense only with an issuer. */
  readonly isWeb: boolean;
  readonly trust: (run: Run, issuer: string) => object | readonly object[];
  readonly may: (run: Run) => readonly object[];
}

// biome-ignore format: the columns are the point
const specs: readonly RoleSpec[] = [
  { kind: "assumed",  seconds: hourSeconds,    isWeb: false, trust: trustsCaller(true),  may: (run) => [...looks(run), ...chains(run)] },
  { kind: "bare",     seconds: hourSeconds,    isWeb: false, trust: trustsCaller(false), may: looks },
  { kind: "revoker",  seconds: hourSeconds,    isWeb: false, trust: trustsRevoker,       may: revokes },
  { kind: "chained",  seconds: halfDaySeconds, isWeb: false, trust: trustsAssumed,       may: looks },
  { kind: "web",      seconds: hourSeconds,    isWeb: true,  trust: shipped("web"),      may: looks },
  { kind: "other",    seconds: hourSeconds,    isWeb: true,  trust: shipped("other"),    may: looks },
  { kind: "audience", seconds: hourSeconds,    isWeb: true,  trust: trustsAudience,      may: looks },
];

/** Makes every role that this run can use. A principal that is not known yet is waited for. */
export async function makeRoles(run: Run, iam: IAMClient, issuer: string | null): Promise<string> {
  const wanted = specs.filter(({ isWeb }) => issuer !== null || !isWeb);
  for (const spec of wanted)
    await settled(run.outside, () => makeRole(run, iam, spec, issuer ?? ""), { retries: isUnknownYet });
  return `${wanted.length} roles under ${run.names.rolePath}`;
}

const isUnknownYet = (error: unknown): boolean =>
  error instanceof Error && /^MalformedPolicyDocument|^NoSuchEntity|^Throttling/.test(error.name);

async function makeRole(run: Run, iam: IAMClient, spec: RoleSpec, issuer: string): Promise<void> {
  const { names } = run;
  const RoleName = names.roleName(spec.kind);
  await iam
    .send(
      new CreateRoleCommand({
        RoleName,
        Path: names.rolePath,
        MaxSessionDuration: spec.seconds,
        Description: "Made by Roletrail's contract command; removed at its end",
        AssumeRolePolicyDocument: document([spec.trust(run, issuer)].flat()),
        Tags: [{ Key: tagKey, Value: names.run }],
      }),
    )
    .catch(unlessThere);
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: "contract", PolicyDocument: document(spec.may(run)) }),
  );
}

/** A try before this one may have come that far. */
function unlessThere(error: unknown): void {
  if (!(error instanceof Error && error.name.startsWith("EntityAlreadyExists"))) throw error;
}

const document = (statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** The trust policy that Roletrail ships and prints, for a role of the road web-identity. */
function shipped(kind: "web" | "other"): RoleSpec["trust"] {
  return (run, issuer) => {
    const access = accessOf(run);
    const role = access.roles.find(({ arn }) => arn === roleArn(run, kind));
    const [account] = access.accounts;
    if (role === undefined || account === undefined) throw new Error(`the access file has no role ${kind}`);
    const terms = { role, account, ways: [], seconds_max: hourSeconds, requires: [] };
    return trustStatements({ terms, issuer, tags: { RoletrailMint: "" }, source_identity: "p_" });
  };
}

/** As many tutorials write it: whoever holds any token of this issuer. */
function trustsAudience(run: Run, issuer: string): object {
  const host = issuer.replace("https://", "");
  return {
    Effect: "Allow",
    Principal: { Federated: `arn:${run.caller.partition}:iam::${run.caller.account}:oidc-provider/${host}` },
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
    Condition: { StringEquals: { [`${host}:aud`]: "sts.amazonaws.com" } },
  };
}

/** Nobody but who runs this, in this very session: the account's root is whoever its policies allow. */
const onlyCaller = ({ caller }: Run) => ({
  Effect: "Allow",
  Principal: { AWS: `arn:${caller.partition}:iam::${caller.account}:root` },
  Condition: { StringEquals: { "aws:userid": caller.userId } },
});

function trustsCaller(takesTags: boolean): RoleSpec["trust"] {
  return (run) => {
    const own = onlyCaller(run);
    const id = { "sts:ExternalId": externalId(run) };
    return takesTags
      ? { ...own, Action: taking, Condition: { StringEquals: { ...own.Condition.StringEquals, ...id } } }
      : { ...own, Action: "sts:AssumeRole" };
  };
}

const taking = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];

function trustsRevoker(run: Run): object {
  return { ...onlyCaller(run), Action: "sts:AssumeRole" };
}

function trustsAssumed(run: Run): object {
  return { Effect: "Allow", Principal: { AWS: roleArn(run, "assumed") }, Action: taking };
}

/** Only a session with a mint's tag and a person's source identity may look: a look allowed proves both. */
function looks(run: Run): object[] {
  const isOurs = { StringLike: { "aws:PrincipalTag/RoletrailMint": "m_*", "aws:SourceIdentity": "p_*" } };
  return [
    { Effect: "Allow", Action: "iam:GetRole", Resource: ownRoles(run), Condition: isOurs },
    { Effect: "Allow", Action: "s3:ListBucket", Resource: bucketArn(run), Condition: isOurs },
  ];
}

const chains = (run: Run): object[] => [{ Effect: "Allow", Action: taking, Resource: roleArn(run, "chained") }];

/** RoletrailRevoker as it is shipped, over the run's own roles alone. */
function revokes(run: Run): object[] {
  return [
    {
      Effect: "Allow",
      Action: ["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:PutRolePolicy"],
      Resource: ownRoles(run),
    },
  ];
}

const ownRoles = ({ caller, names }: Run): string =>
  `arn:${caller.partition}:iam::${caller.account}:role${names.rolePath}*`;
const bucketArn = ({ caller, names }: Run): string => `arn:${caller.partition}:s3:::${names.bucket}`;
