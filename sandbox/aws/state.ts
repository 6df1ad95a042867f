/**
 * The simulated organisation: what AWS itself would hold. Written by the story at the first start (`sandbox/aws.json`),
 * changed by API calls, kept atomically. Policies are the JSON documents as given; ids are AWS-shaped.
 */
export interface Organisation {
  /** `o-…`; also part of the trail's object keys. */
  id: string;
  /** The account whose bucket holds the organisation trail. */
  logArchiveAccount: string;
  trailName: string;
  trailBucket: string;
  homeRegion: string;
  accounts: Account[];
}

export interface Account {
  /** Twelve digits. */
  id: string;
  name: string;
  /** True for an account outside the organisation (a supplier's): its trail is its own, ours holds nothing from it. */
  outside?: boolean;
  roles: Role[];
  users: User[];
  /** Keys of the root user, where somebody made some. */
  rootKeys?: { id: string; secret: string; active: boolean; createdAt: string }[];
  managedPolicies: ManagedPolicy[];
  oidcProviders: OidcProvider[];
  /** Shown in the console's sign-in address. */
  alias?: string;
  /** Virtual MFA devices that no user has enabled yet. */
  virtualMfaDevices?: { serial: string; seed: string }[];
  buckets: Bucket[];
  /** CloudTrail event selectors of the trail, as PutEventSelectors takes them; management events only at first. */
  eventSelectors: unknown[];
}

export interface Role {
  name: string;
  /** `/` or `/service-role/`. */
  path: string;
  /** `AROA…` */
  id: string;
  createdAt: string;
  description?: string;
  maxSessionSeconds: number;
  trustPolicy: string;
  inlinePolicies: Record<string, string>;
  attachedPolicyArns: string[];
  permissionsBoundaryArn?: string;
  tags: Record<string, string>;
}

export interface User {
  name: string;
  path: string;
  /** `AIDA…` */
  id: string;
  createdAt: string;
  inlinePolicies: Record<string, string>;
  attachedPolicyArns: string[];
  permissionsBoundaryArn?: string;
  tags: Record<string, string>;
  /** Long-term keys, `AKIA…`. */
  accessKeys: { id: string; secret: string; active: boolean; createdAt: string }[];
  /** `arn:aws:iam::…:mfa/name` with its base32 seed; `usedStep` is the last 30-second step whose code was taken. */
  mfaDevices: { serial: string; seed: string; enabledAt?: string; usedStep?: number }[];
}

export interface ManagedPolicy {
  arn: string;
  name: string;
  /** The default version's document: the one that counts. */
  document: string;
  /** Absent for a policy the story brought: derived from the ARN. */
  id?: string;
  createdAt?: string;
  updatedAt?: string;
  description?: string;
  tags?: Record<string, string>;
  /** Absent while there is only `v1`. */
  defaultVersion?: string;
  versions?: { id: string; document: string; createdAt: string }[];
}

export interface OidcProvider {
  /** Without the scheme: `issuer.roletrail.test`. */
  url: string;
  clientIds: string[];
  thumbprints: string[];
  createdAt?: string;
  tags?: Record<string, string>;
}

export interface Bucket {
  name: string;
  region: string;
  createdAt: string;
  policy?: string;
  tags?: Record<string, string>;
  /** Each object put keeps an id by which it can be read for ever. */
  versioned?: boolean;
}
