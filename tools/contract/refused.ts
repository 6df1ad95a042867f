import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import { person } from "./access.ts";
import { chain, type Session } from "./minting.ts";
import { externalId, hourSeconds, type RoleKind, roleArn } from "./role-names.ts";
import type { Run } from "./run.ts";
import { Failed } from "./steps.ts";

/** A call that AWS must refuse, and under which name. */
export interface MustRefuse {
  readonly name: string;
  readonly proves: string;
  readonly as: RegExp;
  readonly attempt: () => Promise<unknown>;
}

/**
 * A refusal proves its rule only when everything else about the call was right: so each is tried after a right one was
 * taken, and a refusal by another name is a failure.
 */
export async function refuse(run: Pick<Run, "steps">, call: MustRefuse): Promise<void> {
  await run.steps.step(`refused: ${call.name}`, call.proves, async () => {
    const error = await call.attempt().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error === null) throw new Failed("AWS allowed what it must refuse. What it gave was thrown away.");
    if (error instanceof Failed) throw error;
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    if (!call.as.test(name))
      throw new Failed(
        `It was refused for another reason than the one tried: ${name}: ${message} (expected ${call.as.source})`,
      );
    return `${name}: ${message}`;
  });
}

/** What is refused with tags or a source identity works without: else a refusal would be the role's. */
export async function takenBare(run: Run, own: STSClient): Promise<string> {
  await own.send(new AssumeRoleCommand({ RoleArn: roleArn(run, "bare"), RoleSessionName: "contract" }));
  return "lent";
}

/** Calls of AssumeRole that AWS must refuse. */
export function refusedRequests(run: Run, own: STSClient, session: Session): readonly MustRefuse[] {
  const take =
    (kind: RoleKind, change: Partial<AssumeRoleCommandInput> = {}) =>
    () =>
      own.send(new AssumeRoleCommand({ RoleArn: roleArn(run, kind), RoleSessionName: "contract", ...change }));
  const right = { ExternalId: externalId(run) };
  const tags = (...keys: string[]) => ({ Tags: keys.map((Key) => ({ Key, Value: "x" })) });
  // biome-ignore format: the columns are the point
  return [
    { name: "no external id", proves: "a role that asks for an external id is not lent without", as: /^AccessDenied/, attempt: take("assumed") },
    { name: "a wrong external id", proves: "nor with another", as: /^AccessDenied/, attempt: take("assumed", { ExternalId: "another-one" }) },
    { name: "a role that is not there", proves: "STS says of it what it says of a role that is closed", as: /^AccessDenied/, attempt: () => own.send(new AssumeRoleCommand({ RoleArn: `${roleArn(run, "assumed")}-not`, RoleSessionName: "contract" })) },
    { name: "session tags where the trust has no sts:TagSession", proves: "the whole call fails, not the tags alone", as: /^AccessDenied/, attempt: take("bare", tags("RoletrailMint")) },
    { name: "a source identity where the trust has no sts:SetSourceIdentity", proves: "the whole call fails, as preflight says", as: /^AccessDenied/, attempt: take("bare", { SourceIdentity: person.id }) },
    { name: "two hours of a role that lends one, assumed", proves: "STS refuses above the role's maximum", as: /^ValidationError/, attempt: take("assumed", { ...right, DurationSeconds: 2 * hourSeconds }) },
    { name: "more than an hour in a chain", proves: "a role taken from a role lasts an hour, whatever it lends", as: /^ValidationError/, attempt: () => chain(run, session, hourSeconds + 1) },
    { name: "another source identity in a chain", proves: "who a session is cannot be changed on its way", as: /^AccessDenied/, attempt: () => withSession(run, session, (sts) => sts.send(new AssumeRoleCommand({ RoleArn: roleArn(run, "chained"), RoleSessionName: "contract", SourceIdentity: "p_somebodyelse" }))) },
    { name: "the mint's tag again in a chain", proves: "a transitive tag cannot be overwritten", as: /^(InvalidParameterValue|AccessDenied|ValidationError)/, attempt: () => withSession(run, session, (sts) => sts.send(new AssumeRoleCommand({ RoleArn: roleArn(run, "chained"), RoleSessionName: "contract", ...tags("RoletrailMint") }))) },
    { name: "GetSessionToken by a role session", proves: "a session does not lengthen itself", as: /^AccessDenied/, attempt: () => withSession(run, session, (sts) => sts.send(new GetSessionTokenCommand({}))) },
    { name: "GetFederationToken by a role session", proves: "nor change its name", as: /^AccessDenied/, attempt: () => withSession(run, session, (sts) => sts.send(new GetFederationTokenCommand({ Name: "contract" }))) },
    { name: "tag keys that differ by case alone", proves: "keys of session tags have no case", as: /^(InvalidParameterValue|ValidationError)/, attempt: take("assumed", { ...right, ...tags("Dept", "dept") }) },
    { name: "a tag key of AWS's own", proves: "aws: is reserved", as: /^(InvalidParameterValue|ValidationError)/, attempt: take("assumed", { ...right, ...tags("aws:team") }) },
    { name: "a session name with a space", proves: "the characters of a session name", as: /^ValidationError/, attempt: take("assumed", { ...right, RoleSessionName: "two words" }) },
    { name: "a session policy that is no JSON", proves: "a session policy is read before anything is lent", as: /^MalformedPolicyDocument/, attempt: take("assumed", { ...right, Policy: "no policy" }) },
    { name: "a session policy of 5,000 characters", proves: "2,048 characters are the most", as: /^(ValidationError|PackedPolicyTooLarge)/, attempt: take("assumed", { ...right, Policy: longPolicy() }) },
  ];
}

const longPolicy = (): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: Array.from({ length: 130 }, (_, at) => `arn:aws:s3:::bucket-${at}/a-long-name/*`),
      },
    ],
  });

async function withSession<T>({ terms }: Run, credentials: Session, work: (sts: STSClient) => Promise<T>): Promise<T> {
  const sts = new STSClient({ region: terms.region, credentials, maxAttempts: 2 });
  try {
    return await work(sts);
  } finally {
    sts.destroy();
  }
}
