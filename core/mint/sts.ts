import { AssumeRoleCommand, type AssumeRoleCommandOutput, STSClient } from "@aws-sdk/client-sts";
import { Secret } from "../secret.ts";

/** What STS answered: one session's credentials. */
export interface Issued {
  readonly access_key_id: string;
  readonly secret: Secret;
  readonly token: Secret;
  readonly expires_at: Date;
  /** `AROA…:session-name` */
  readonly principal_id: string;
  readonly packed_policy_size: number | null;
}

/** An answer is waited for this long; later ones are `unknown`, and what they made is never handed over. */
export const stsTimeoutMs = 10_000;

/** One call, given up after that. The timer goes with the call: `AbortSignal.timeout` would fire for it all the same. */
export async function answered<T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), stsTimeoutMs);
  try {
    return await call({ abortSignal: late.signal });
  } finally {
    clearTimeout(timer);
  }
}

type Answered = Pick<AssumeRoleCommandOutput, "Credentials" | "AssumedRoleUser" | "PackedPolicySize">;

/** Reads an answer of AssumeRole*. @throws Error when a part is missing: there is then nothing to hand over. */
export function issuedOf({ Credentials: given, AssumedRoleUser: user, PackedPolicySize: size }: Answered): Issued {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {};
  const principal_id = user?.AssumedRoleId;
  if (!(AccessKeyId && SecretAccessKey && SessionToken && Expiration && principal_id)) {
    throw new Error("STS answered without a whole credential");
  }
  return {
    access_key_id: AccessKeyId,
    secret: new Secret(SecretAccessKey),
    token: new Secret(SessionToken),
    expires_at: Expiration,
    principal_id,
    packed_policy_size: size ?? null,
  };
}

/** What an SDK client takes as credentials. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** STS clients, kept: connections stay open between calls. */
export interface Sts {
  /** For calls that carry no signature (AssumeRoleWithWebIdentity): no AWS key is looked for. */
  unsigned(region: string): STSClient;
  /** Calls as the function itself (its ambient credentials). */
  own(region: string): STSClient;
  /** Calls as one of Roletrail's own roles. */
  as(role: string, region: string): STSClient;
  /** Credentials of one of Roletrail's own roles, kept until they near their end. */
  identityOf(role: string, region: string): Promise<Identity>;
  /** Is the function itself already a role session? Then every role it assumes is chained. */
  isSession(region: string): Promise<boolean>;
}

/** Roletrail could not take a role of its own: nothing was asked of the target role. */
export class OwnRoleRefused extends Error {
  constructor(role: string, cause: unknown) {
    super(`${role} could not be taken: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : "no answer"}`);
    this.name = "OwnRoleRefused";
  }
}

/** Taken anew this long before they end. */
const renewBeforeMs = 300_000;

/** @param endpoint where STS is, when the SDK should not find it by itself. */
export function openSts(now: () => Date, endpoint?: string): Sts {
  // One attempt: a second could leave two sessions for one mint. Who may safely try again does so by itself.
  const client = (region: string, credentials?: () => Promise<Identity>): STSClient =>
    new STSClient({
      region,
      maxAttempts: 1,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  const own = kept((region: string) => client(region));
  const take = async (role: string, region: string): Promise<Identity> => {
    const { access_key_id, secret, token, expires_at } = issuedOf(
      await answered((options) =>
        own(region).send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: "roletrail" }), options),
      ),
    );
    return {
      accessKeyId: access_key_id,
      secretAccessKey: secret.open(),
      sessionToken: token.open(),
      expiration: expires_at,
    };
  };
  const identities = kept((role: string, region: string) => renewed(() => take(role, region), now));
  const identityOf = (role: string, region: string): Promise<Identity> =>
    identities(role, region)().catch((error: unknown) => {
      throw new OwnRoleRefused(role, error);
    });
  return {
    own,
    unsigned: kept((region: string) => client(region, noIdentity)),
    identityOf,
    as: kept((role: string, region: string) => client(region, () => identityOf(role, region))),
    isSession: async (region) => (await own(region).config.credentials()).sessionToken !== undefined,
  };
}

/** STS signs nothing for AssumeRoleWithWebIdentity; should a signed call ever come this way, it must fail. */
const noIdentity = (): Promise<Identity> => Promise.reject(new Error("this client signs nothing"));

/** One value a list of names. The key holds the names whole: the same role name in two accounts never shares one. */
function kept<Names extends readonly string[], V>(make: (...names: Names) => V): (...names: Names) => V {
  const values = new Map<string, V>();
  return (...names) => {
    const key = JSON.stringify(names);
    const value = values.get(key) ?? make(...names);
    values.set(key, value);
    return value;
  };
}

/** The same identity until it nears its end; several who ask at once wait for one call; a failure is not kept. */
function renewed(take: () => Promise<Identity>, now: () => Date): () => Promise<Identity> {
  let current: Promise<Identity> | undefined;
  let goodUntil = 0;
  return () => {
    if (current !== undefined && now().getTime() < goodUntil) return current;
    const taken = take();
    current = taken;
    goodUntil = Number.POSITIVE_INFINITY;
    taken.then(
      ({ expiration }) => {
        goodUntil = (expiration?.getTime() ?? 0) - renewBeforeMs;
      },
      () => {
        current = undefined;
      },
    );
    return taken;
  };
}
