/** What is asked of the evaluator: who, what, on what, and the request's context keys. Plain values, nothing looked up. */
export interface Request {
  readonly principal: Principal;
  /** `sts:AssumeRole`; case does not matter. */
  readonly action: string;
  /** An ARN, or `*` for actions without resource-level permissions. */
  readonly resource: string;
  /** The account that owns the resource; absent means the principal's own. */
  readonly resourceAccount?: string;
  /** Condition keys in any case. An array is a many-valued key; a key with no value at all is absent. */
  readonly context: Context;
}

export type Context = Readonly<Record<string, string | readonly string[]>>;

export type Principal =
  | IamUser
  | RoleSession
  | FederatedUser
  | { readonly type: "Root"; readonly account: string; readonly arn: string }
  | { readonly type: "Service"; readonly service: string }
  | { readonly type: "Federated"; readonly provider: string }
  | { readonly type: "Anonymous" };

export interface IamUser {
  readonly type: "User";
  readonly account: string;
  readonly arn: string;
  readonly name: string;
  /** `AIDA…` */
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface RoleSession {
  readonly type: "AssumedRole";
  readonly account: string;
  /** `arn:aws:sts::…:assumed-role/Role/session`: without the role's path. */
  readonly arn: string;
  /** With the role's path. */
  readonly roleArn: string;
  /** `AROA…:session` */
  readonly id: string;
  /** The role's tags overlaid with the session's. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface FederatedUser {
  readonly type: "FederatedUser";
  readonly account: string;
  /** `arn:aws:sts::…:federated-user/name` */
  readonly arn: string;
  /** Of the IAM user whose keys called GetFederationToken. */
  readonly userArn: string;
  /** `account:name` */
  readonly id: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export const accountOf = (principal: Principal): string | undefined =>
  "account" in principal ? principal.account : undefined;

/** How AWS names the caller in an error. */
export function nameOf(principal: Principal): string {
  if ("arn" in principal) return principal.arn;
  if (principal.type === "Service") return principal.service;
  return principal.type === "Federated" ? principal.provider : "anonymous";
}

/** The keys that follow from who asks, as the IAM guide's table of global keys has them; a role session shows its role's ARN. */
export function contextOf(principal: Principal): Record<string, string | readonly string[]> {
  const keys: Record<string, string> = { "aws:PrincipalIsAWSService": String(principal.type === "Service") };
  if (principal.type === "Service") keys["aws:PrincipalServiceName"] = principal.service;
  if (principal.type === "Anonymous") {
    keys["aws:PrincipalType"] = "Anonymous";
    keys["aws:userid"] = "anonymous";
  }
  if (!("account" in principal)) return keys;
  keys["aws:PrincipalAccount"] = principal.account;
  keys["aws:PrincipalArn"] = principal.type === "AssumedRole" ? principal.roleArn : principal.arn;
  keys["aws:PrincipalType"] = principal.type === "Root" ? "Account" : principal.type;
  keys["aws:userid"] = principal.type === "Root" ? principal.account : principal.id;
  if (principal.type === "User") keys["aws:username"] = principal.name;
  if (principal.type === "Root") return keys;
  for (const [tag, value] of Object.entries(principal.tags ?? {})) keys[`aws:PrincipalTag/${tag}`] = value;
  return keys;
}

/** Look-up by lower-cased key over what the request says and what follows from its principal; what it says wins. */
export class Keys {
  readonly #request: Request;
  /** Made when the first key is asked for: most statements have no condition. */
  #values: Map<string, readonly string[]> | undefined;

  constructor(request: Request) {
    this.#request = request;
  }

  /** Undefined when the key is absent or has no value. */
  all(key: string): readonly string[] | undefined {
    this.#values ??= valuesOf(this.#request);
    return this.#values.get(key.toLowerCase());
  }

  one = (key: string): string | undefined => {
    const values = this.all(key);
    return values?.length === 1 ? values[0] : undefined;
  };
}

function valuesOf(request: Request): Map<string, readonly string[]> {
  const owner = request.resourceAccount ?? accountOf(request.principal);
  const said: Context[] = [
    contextOf(request.principal),
    ...(owner === undefined ? [] : [{ "aws:ResourceAccount": owner }]),
    request.context,
  ];
  const values = new Map<string, readonly string[]>();
  for (const [key, value] of said.flatMap((context) => Object.entries(context))) {
    const list = typeof value === "string" ? [value] : value;
    if (list.length > 0) values.set(key.toLowerCase(), list);
    else values.delete(key.toLowerCase());
  }
  return values;
}
