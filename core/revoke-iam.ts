import {
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { type AccessFile, accountOf, nameOf, roleUnknown } from "./access.ts";
import { OwnRoleRefused, type Sts } from "./mint/sts.ts";
import { Refusal } from "./refusal.ts";

type Account = AccessFile["accounts"][number];

/** What IAM says of a role. */
export interface RoleFacts {
  readonly arn: string;
  readonly max_seconds: number;
  readonly trust_policy: string;
}

/** A role's IAM side: seen through the account's reader role where it names one, written through its RoletrailRevoker. */
export interface RoleDoor {
  /** @throws Refusal `role.unknown` · `revocation.failed` when the revoker role cannot be taken or may not look. */
  role(arn: string): Promise<RoleFacts>;
  /** Inline policies by name, as JSON text. */
  inlinePolicies(arn: string): Promise<ReadonlyMap<string, string>>;
  /** Null when there is none of this name. */
  inlinePolicy(arn: string, name: string): Promise<string | null>;
  /** @returns AWS's request id. */
  putInlinePolicy(arn: string, name: string, document: string): Promise<string | null>;
}

const timeoutMs = 10_000;

/** @returns null for an account without a revoker role: nothing can be read or written there. */
export function openRoleDoors(sts: Sts): (account: Account) => RoleDoor | null {
  const clients = new Map<string, IAMClient>();
  const clientAs = (role: string, region: string): IAMClient => {
    const key = JSON.stringify([role, region]);
    const client =
      clients.get(key) ?? new IAMClient({ region, maxAttempts: 3, credentials: () => sts.identityOf(role, region) });
    clients.set(key, client);
    return client;
  };
  return (account) => {
    const { revoker, reader = revoker, region } = account;
    if (revoker === undefined || reader === undefined) return null;
    return new IamRoleDoor({ looking: clientAs(reader, region), writing: clientAs(revoker, region) }, account);
  };
}

class IamRoleDoor implements RoleDoor {
  readonly #looking: IAMClient;
  readonly #writing: IAMClient;
  readonly #account: Account;

  constructor({ looking, writing }: { looking: IAMClient; writing: IAMClient }, account: Account) {
    this.#looking = looking;
    this.#writing = writing;
    this.#account = account;
  }

  async role(arn: string): Promise<RoleFacts> {
    const { Role: role } = await this.#asking(arn, (options) =>
      this.#looking.send(new GetRoleCommand({ RoleName: nameOf(arn) }), options),
    );
    if (role?.Arn === undefined) throw roleUnknown(arn);
    return {
      // IAM finds a role by its name alone; its ARN has the path, too.
      arn: role.Arn,
      max_seconds: role.MaxSessionDuration ?? 3_600,
      trust_policy: decodeURIComponent(role.AssumeRolePolicyDocument ?? ""),
    };
  }

  async inlinePolicies(arn: string): Promise<ReadonlyMap<string, string>> {
    const names: string[] = [];
    let marker: string | undefined;
    do {
      const page = { RoleName: nameOf(arn), ...(marker === undefined ? {} : { Marker: marker }) };
      const listed = await this.#asking(arn, (options) =>
        this.#looking.send(new ListRolePoliciesCommand(page), options),
      );
      names.push(...(listed.PolicyNames ?? []));
      marker = listed.IsTruncated === true ? listed.Marker : undefined;
    } while (marker !== undefined);
    const documents = await Promise.all(names.map((name) => this.inlinePolicy(arn, name)));
    return new Map(names.map((name, at) => [name, documents[at] ?? ""]));
  }

  async inlinePolicy(arn: string, name: string): Promise<string | null> {
    const command = new GetRolePolicyCommand({ RoleName: nameOf(arn), PolicyName: name });
    try {
      const { PolicyDocument } = await this.#looking.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
      return decodeURIComponent(PolicyDocument ?? "");
    } catch (error) {
      if (error instanceof Error && error.name.startsWith("NoSuchEntity")) return null;
      throw refusalOf(error, arn, this.#account);
    }
  }

  async putInlinePolicy(arn: string, name: string, document: string): Promise<string | null> {
    const command = new PutRolePolicyCommand({ RoleName: nameOf(arn), PolicyName: name, PolicyDocument: document });
    const { $metadata } = await this.#asking(arn, (options) => this.#writing.send(command, options));
    return $metadata.requestId ?? null;
  }

  async #asking<T>(arn: string, ask: (options: { abortSignal: AbortSignal }) => Promise<T>): Promise<T> {
    try {
      return await ask({ abortSignal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw refusalOf(error, arn, this.#account);
    }
  }
}

/** IAM's no in our words; AWS's own sentence stays in it, because who reads it keeps that account. */
function refusalOf(error: unknown, arn: string, { name, id }: Account): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name.startsWith("NoSuchEntity")) return roleUnknown(arn);
  if (error instanceof OwnRoleRefused) {
    return new Refusal("revocation.failed", `Roletrail could not take its revoker role in ${name} (${id}).`, {
      help: "Its trust policy must name the revoke function. The AWS console's own “Revoke active sessions” works meanwhile.",
    });
  }
  if (error.name.startsWith("AccessDenied")) {
    return new Refusal("revocation.failed", `AWS did not allow it: ${error.message}`, {
      help: `Let RoletrailRevoker of account ${accountOf(arn)} get and put inline policies of this role.`,
    });
  }
  return new Refusal("revocation.failed", `IAM did not answer as it should: ${error.name}.`, {
    help: "Try again. The AWS console's own “Revoke active sessions” does the same meanwhile.",
  });
}
