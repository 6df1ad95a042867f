import { type AccountKey, accounts } from "./accounts.ts";
import { isoOf, localeOf } from "./clock.ts";
import type { Random } from "./random.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type Fields = { readonly [name: string]: Json };

/** Who called, as `userIdentity` says it. */
export type Identity = Fields;

export interface Where {
  readonly ip: string;
  readonly agent: string;
}

/** One API call: `source` without `.amazonaws.com`. */
export interface Action {
  readonly source: string;
  readonly name: string;
  readonly readOnly: boolean;
  readonly parameters?: Fields;
  readonly response?: Fields;
}

export interface RoleRef {
  readonly account: AccountKey;
  readonly name: string;
  readonly arn: string;
  readonly id: string;
}

/** What a role session is on the wire: the same in the issuing record, in each call and in the truth. */
export interface Issued {
  readonly role: RoleRef;
  readonly name: string;
  readonly key: string;
  readonly createdAt: number;
  readonly seconds: number;
  readonly sourceIdentity?: string;
  readonly mfa?: boolean;
  /** The provider, for sessions made with a web identity. */
  readonly webProvider?: string;
}

export const principalOf = (session: Issued): string => `${session.role.id}:${session.name}`;

export const sessionArn = ({ role, name }: Pick<Issued, "role" | "name">): string =>
  `arn:aws:sts::${accounts[role.account]}:assumed-role/${role.name}/${name}`;

export function roleSessionIdentity(session: Issued, key: string | null = session.key): Identity {
  const { role } = session;
  return {
    type: "AssumedRole",
    principalId: principalOf(session),
    arn: sessionArn(session),
    accountId: accounts[role.account],
    ...(key === null ? {} : { accessKeyId: key }),
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: role.id,
        arn: role.arn,
        accountId: accounts[role.account],
        userName: role.name,
      },
      ...(session.webProvider === undefined
        ? {}
        : { webIdFederationData: { federatedProvider: session.webProvider, attributes: {} } }),
      attributes: { creationDate: isoOf(session.createdAt), mfaAuthenticated: session.mfa === true ? "true" : "false" },
      ...(session.sourceIdentity === undefined ? {} : { sourceIdentity: session.sourceIdentity }),
    },
  };
}

export interface UserRef {
  readonly account: AccountKey;
  readonly name: string;
  readonly arn: string;
  readonly id: string;
}

/** `context` is there for temporary keys of a user: GetSessionToken and the console. */
export function userIdentity(
  user: UserRef,
  key: string | null,
  context?: { createdAt: number; mfa: boolean },
): Identity {
  return {
    type: "IAMUser",
    principalId: user.id,
    arn: user.arn,
    accountId: accounts[user.account],
    ...(key === null ? {} : { accessKeyId: key }),
    userName: user.name,
    ...(context === undefined
      ? {}
      : {
          sessionContext: {
            sessionIssuer: {},
            webIdFederationData: {},
            attributes: { creationDate: isoOf(context.createdAt), mfaAuthenticated: context.mfa ? "true" : "false" },
          },
        }),
  };
}

/** The caller of another account as the role's account sees it: no ARN and no key. */
export const foreignIdentity = (principalId: string, account: AccountKey): Identity => ({
  type: "AWSAccount",
  principalId,
  accountId: accounts[account],
});

export const serviceIdentity = (service: string): Identity => ({ type: "AWSService", invokedBy: service });

export const webIdentity = (provider: string, subject: string): Identity => ({
  type: "WebIdentityUser",
  principalId: `${provider}:sts.amazonaws.com:${subject}`,
  userName: subject,
  identityProvider: provider,
});

export const samlIdentity = (qualifier: string, subject: string): Identity => ({
  type: "SAMLUser",
  principalId: `${qualifier}:${subject}`,
  userName: subject,
  identityProvider: qualifier,
});

const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `responseElements.credentials`. The token is long and incompressible, as the real one is. */
export const credentials = (key: string, expiresAt: number, random: Random): Fields => ({
  accessKeyId: key,
  sessionToken: `IQoJb3JpZ2luX2Vj${random.text(tokenAlphabet, 380)}`,
  expiration: localeOf(expiresAt),
});

export const assumedRoleUser = (session: Issued): Fields => ({
  assumedRoleId: principalOf(session),
  arn: sessionArn(session),
});

export const roleResources = (role: RoleRef): Json => [
  { accountId: accounts[role.account], type: "AWS::IAM::Role", ARN: role.arn },
];
