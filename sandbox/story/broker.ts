import { personId } from "#/core/ids.ts";
import type { NewEntry } from "#/core/ledger.ts";
import { sessionNameOf } from "#/core/session-name.ts";
import { accounts, externalIds, roletrailIssuer, signInIssuer } from "./accounts.ts";
import type { CastMember } from "./cast.ts";
import { hour, isoOf } from "./clock.ts";
import { longTermKey, userArn, userId } from "./organisation.ts";
import type { Random } from "./random.ts";
import { principalOf, type RoleRef, userIdentity, type Where, webIdentity } from "./shapes.ts";
import type { Living, Stage } from "./stage.ts";
import { type Asker, askerOf, assumeByToken, assumeRole, refusedByApi, roleOf } from "./sts.ts";

/** Where the broker's functions call STS from. */
export const brokerWhere: Where = {
  ip: "198.51.100.10",
  agent: "aws-sdk-js/3.1090.0 ua/2.1 os/linux#6.1.141 lang/js md/nodejs#22.19.0 api/sts#3.1090.0 m/E,N",
};

export interface Wish {
  readonly person: CastMember;
  readonly role: RoleRef;
  readonly at: number;
  readonly seconds: number;
  readonly reason: string | null;
  /** The line of access.yaml that allows it. */
  readonly grant: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly console?: boolean;
  /** Where the person then calls from. */
  readonly where: Where;
}

/** Roletrail as it was in these 30 days: STS calls in the trail, and the ledger's lines beside them. */
export class Broker {
  readonly entries: NewEntry[] = [];
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #personKey: Uint8Array;
  #own: Living | null = null;

  constructor(stage: Stage, random: Random, personKey: Uint8Array) {
    this.#stage = stage;
    this.#random = random;
    this.#personKey = personKey;
  }

  personId(person: CastMember): string {
    return personId(this.#personKey, signInIssuer, person.sub);
  }

  sessionName(person: CastMember): string {
    return sessionNameOf({ id: this.personId(person), name: person.name }, "readable");
  }

  /** Mints by the role's road. Null when it would be after the story's end. */
  mint(wish: Wish): Living | null {
    const mintId = ulidAt("m", wish.at, this.#random);
    const road = assumeRoleRoad.has(`${wish.role.account}/${wish.role.name}`) ? "assume-role" : "web-identity";
    const session = road === "web-identity" ? this.#byToken(wish, mintId) : this.#byBroker(wish, mintId);
    if (session === null) return null;
    this.#intend(wish, mintId, road, session.issued.createdAt);
    const { issued } = session;
    this.entries.push({
      kind: "mint.handed-over",
      at: new Date(issued.createdAt * 1000 + 180),
      body: {
        mint_id: mintId,
        access_key_id: issued.key,
        principal_id: principalOf(issued),
        issued_at: isoOf(issued.createdAt),
        expires_at: isoOf(issued.createdAt + issued.seconds),
        packed_policy_size: this.#random.int(2, 14),
        console: wish.console === true,
      },
    });
    this.#stage.truth.mints.handed_over += 1;
    return session;
  }

  /** Made while somebody revoked the role: destroyed unseen. The session exists in the trail and never calls. */
  withheldMint(wish: Wish, revocationId: string): void {
    const mintId = ulidAt("m", wish.at, this.#random);
    const session = this.#byToken(wish, mintId);
    if (session === null) return;
    const { issued } = session;
    this.#intend(wish, mintId, "web-identity", issued.createdAt);
    const body = {
      mint_id: mintId,
      why: `frozen by ${revocationId}`,
      access_key_id: issued.key,
      principal_id: principalOf(issued),
      issued_at: isoOf(issued.createdAt),
      expires_at: isoOf(issued.createdAt + issued.seconds),
    };
    this.entries.push({ kind: "mint.withheld", at: new Date(issued.createdAt * 1000 + 240), body });
    this.#stage.truth.mints.withheld += 1;
  }

  /** STS says no: the trust policy was edited by hand that morning. The ledger and the trail both have it. */
  refusedMint(wish: Wish): void {
    const mintId = ulidAt("m", wish.at, this.#random);
    const { account } = wish.role;
    this.#intend(wish, mintId, "web-identity", wish.at);
    const { provider, subject } = this.#token(wish);
    const asker: Asker = {
      account,
      identity: webIdentity(provider, subject),
      name: `web:${provider}/${subject}`,
      principalId: subject,
      arn: subject,
      where: brokerWhere,
    };
    const detail = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    const refusal = { code: "AccessDenied", message: detail, denied: true };
    refusedByApi(this.#stage, asker, wish.role.arn, wish.at, "AssumeRoleWithWebIdentity", refusal, {
      roleArn: wish.role.arn,
      roleSessionName: this.sessionName(wish.person),
      durationSeconds: wish.seconds,
    });
    const body = { mint_id: mintId, code: "sts.refused", detail: "AWS refused the request: AccessDenied." };
    this.entries.push({ kind: "mint.refused", at: new Date(wish.at * 1000 + 210), body });
    this.#stage.truth.mints.refused += 1;
  }

  #intend(wish: Wish, mintId: string, road: "web-identity" | "assume-role", at: number): void {
    const { person, role, seconds, reason, grant } = wish;
    this.entries.push({
      kind: "mint.intended",
      at: new Date(at * 1000 + 20),
      body: {
        mint_id: mintId,
        person_id: this.personId(person),
        account: accounts[role.account],
        role: role.arn,
        road,
        seconds,
        reason,
        grant,
        session_name: this.sessionName(person),
        source_identity: this.personId(person),
        session_policy: null,
        tags: { RoletrailMint: mintId, ...wish.tags },
        via: "browser",
      },
    });
  }

  #token({ role, person }: Wish): { provider: string; subject: string } {
    const account = accounts[role.account];
    return {
      provider: `arn:aws:iam::${account}:oidc-provider/${roletrailIssuer}`,
      subject: `${account}:${role.name}:${this.personId(person)}`,
    };
  }

  #byToken(wish: Wish, mintId: string): Living | null {
    const { provider, subject } = this.#token(wish);
    const identity = webIdentity(provider, subject);
    const token = {
      api: "AssumeRoleWithWebIdentity",
      identity,
      caller: `web:${provider}/${subject}`,
      where: brokerWhere,
    };
    return assumeByToken(this.#stage, this.#random, { ...token, api: "AssumeRoleWithWebIdentity" }, wish.role, {
      at: wish.at,
      sessionName: this.sessionName(wish.person),
      seconds: wish.seconds,
      origin: "broker",
      sourceIdentity: this.personId(wish.person),
      mintId,
      parameters: { principalTags: { RoletrailMint: mintId, ...wish.tags }, transitiveTagKeys: ["RoletrailMint"] },
      response: { provider, audience: "sts.amazonaws.com", subjectFromWebIdentityToken: subject },
      provider,
      more: { additionalEventData: { identityProviderConnectionVerificationMethod: "IAMTrustStore" } },
      where: wish.where,
    });
  }

  #byBroker(wish: Wish, mintId: string): Living | null {
    const own = this.#ownSession(wish.at);
    if (own === null) return null;
    const asker = { ...askerOf(own), where: brokerWhere };
    const session = assumeRole(this.#stage, this.#random, asker, wish.role, {
      at: Math.max(wish.at, own.issued.createdAt + 1),
      sessionName: this.sessionName(wish.person),
      seconds: 3600,
      origin: "broker",
      sourceIdentity: this.personId(wish.person),
      mintId,
      parameters: {
        tags: [{ key: "RoletrailMint", value: mintId }],
        transitiveTagKeys: ["RoletrailMint"],
        ...(wish.role.name === "PartnerExport" ? { externalId: externalIds.partnerExport } : {}),
      },
    });
    return session === null ? null : { ...session, where: wish.where };
  }

  /** The broker's own role, taken with the functions' key and used for three quarters of its hour. */
  #ownSession(at: number): Living | null {
    const own = this.#own;
    if (own !== null && at >= own.issued.createdAt && at < own.issued.createdAt + 0.75 * hour) return own;
    this.#own = assumeRole(this.#stage, this.#random, functionsAsker(), roleOf("security", "RoletrailBroker"), {
      at: at - 1,
      sessionName: "roletrail",
      seconds: 3600,
      origin: "broker-machinery",
    });
    return this.#own;
  }
}

/** Roles of access.yaml with `road: assume-role`. */
const assumeRoleRoad = new Set(["staging/SupportDesk", "staging/Deploy", "security/LogReader", "vendor/PartnerExport"]);

/** The functions' own IAM user. */
export function functionsAsker(): Asker {
  const user = {
    account: "security",
    name: "roletrail-functions",
    arn: userArn("security", "roletrail-functions"),
    id: userId("security", "roletrail-functions"),
  } as const;
  const identity = userIdentity(user, longTermKey("security", "roletrail-functions"));
  return { account: "security", identity, name: user.arn, principalId: user.id, arn: user.arn, where: brokerWhere };
}

const crockford = "0123456789abcdefghjkmnpqrstvwxyz";

/** A ULID of that moment: ten characters of milliseconds, sixteen of chance. */
export function ulidAt(prefix: "m" | "v", at: number, random: Random): string {
  let time = "";
  for (let left = at * 1000 + random.int(0, 999), index = 0; index < 10; index += 1) {
    time = crockford.charAt(left % 32) + time;
    left = Math.floor(left / 32);
  }
  return `${prefix}_${time}${random.text(crockford, 16)}`;
}
