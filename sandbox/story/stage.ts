import { type AccountKey, accounts, globalRegion, homeRegion } from "./accounts.ts";
import { day, isoOf } from "./clock.ts";
import type { Delivery } from "./delivery.ts";
import type { Random } from "./random.ts";
import {
  type Action,
  type Fields,
  type Identity,
  type Issued,
  type Json,
  roleSessionIdentity,
  sessionArn,
  type Where,
} from "./shapes.ts";
import { Edges, emptyTruth, type StoryTruth, type TrueSession } from "./truth.ts";

export interface Happening {
  readonly account: AccountKey;
  readonly at: number;
  readonly identity: Identity;
  readonly action: Action;
  readonly where: Where;
  readonly region?: string;
  readonly refusal?: Refused;
  /** Further top-level fields: sharedEventID, resources, additionalEventData, eventType. */
  readonly more?: Fields;
}

/** An error as CloudTrail writes it. `denied` is false for a call that failed for another reason. */
export interface Refused {
  readonly code: string;
  readonly message: string;
  readonly denied: boolean;
}

/** A session that lives on the stage: what it is, how it calls, and its line in the truth. */
export interface Living {
  readonly issued: Issued;
  readonly identity: Identity;
  readonly where: Where;
  readonly hops: number;
  readonly truth: TrueSession;
  /** No call of it is told after this second: its owner gave up. */
  until: number;
}

/** The role's sessions issued before `at` (seconds) are revoked. */
export interface Cutoff {
  readonly role: string;
  readonly at: number;
}

/** How AWSRevokeOlderSessions sounds. */
export function explicitDeny(session: Living, act: string, resource?: string): Refused {
  const who = `User: ${sessionArn(session.issued)} is not authorized to perform: ${act}`;
  const on = resource === undefined ? "" : ` on resource: ${resource}`;
  return {
    code: "AccessDenied",
    message: `${who}${on} with an explicit deny in an identity-based policy`,
    denied: true,
  };
}

const globalSources = new Set(["iam", "organizations", "signin", "ce", "billing", "route53", "health", "sso-admin"]);

/** Turns what happens into records, delivers them, and counts what was meant. */
export class Stage {
  readonly truth: StoryTruth;
  readonly edges = new Edges();
  /** Known from the plan before the first day is told. */
  readonly cutoffs: Cutoff[] = [];
  /** Every role session that was issued. */
  readonly lives: Living[] = [];
  readonly start: number;
  readonly end: number;
  readonly #delivery: Delivery;
  readonly #random: Random;
  readonly #taken = new Set<string>();

  constructor(delivery: Delivery, random: Random, window: { start: number; end: number }) {
    this.#delivery = delivery;
    this.#random = random;
    this.start = window.start;
    this.end = window.end;
    this.truth = emptyTruth(isoOf(window.start), isoOf(window.end));
  }

  /** Writes one record. @returns its eventID, or null when it would happen after the story's end. */
  happen(happening: Happening): string | null {
    // Outside the story's days, and in the supplier's own account, nothing of it is in our trail.
    if (happening.at >= this.end || happening.at < this.start || happening.account === "vendor") return null;
    const eventId = this.#random.uuid();
    this.#deliver(happening, eventId, this.#fate());
    return eventId;
  }

  /** The session's next free second: (principal, creationDate) is never shared. */
  freeSecond(principal: string, wanted: number): number {
    let at = wanted;
    while (this.#taken.has(`${principal}@${at}`)) at += 1;
    this.#taken.add(`${principal}@${at}`);
    return at;
  }

  /** The cutoff that ends this session at that time, when there is one. A few seconds pass until AWS bites. */
  revokedAt(session: Living, at: number): boolean {
    const { role, createdAt } = session.issued;
    return this.cutoffs.some((cutoff) => cutoff.role === role.arn && createdAt < cutoff.at && at >= cutoff.at - 22);
  }

  /**
   * One call of a session. After its role was revoked the call is refused, and who made it soon gives up.
   *
   * @returns whether it was told, and more may follow.
   */
  call(session: Living, at: number, action: Action, plain?: Refused, otherKey?: string): boolean {
    const { issued, identity, where, truth } = session;
    if (at >= Math.min(session.until, issued.createdAt + issued.seconds)) return false;
    const bitten = action.name !== "GetCallerIdentity" && this.revokedAt(session, at);
    const refusal = bitten ? explicitDeny(session, `${action.source}:${action.name}`) : plain;
    if (bitten && this.#random.chance(0.4)) session.until = at + 1;
    const told = this.happen({
      account: issued.role.account,
      at,
      identity: otherKey === undefined ? identity : roleSessionIdentity(issued, otherKey),
      action,
      where,
      ...(refusal === undefined ? {} : { refusal }),
    });
    if (told === null) return false;
    if (otherKey === undefined) truth.calls += 1;
    else truth.calls_by_other_keys += 1;
    if (refusal?.denied === true) truth.denied_calls += 1;
    return true;
  }

  regionOf(happening: Happening): string {
    return happening.region ?? (globalSources.has(happening.action.source) ? globalRegion : homeRegion);
  }

  /** Most records come once and on time; some come twice, late, or with an addendum. */
  #fate(): { late: number; addendum?: Fields; twice?: number } {
    const roll = this.#random.unit();
    if (roll < 0.004) return { late: 0, twice: this.#random.int(1000, 7200) };
    if (roll < 0.0055) return { late: this.#random.int(1, 14) * 3600 };
    if (roll < 0.0057) return { late: this.#random.int(2, 20) * 3600, addendum: { reason: "DELIVERY_DELAY" } };
    return { late: 0 };
  }

  #deliver(happening: Happening, eventId: string, fate: { late: number; addendum?: Fields; twice?: number }): void {
    const { truth } = this;
    const region = this.regionOf(happening);
    const { account } = happening;
    const time = isoOf(happening.at);
    const record = JSON.stringify(this.#record(happening, eventId, region, time, fate.addendum));
    this.#delivery.add(accounts[account], region, happening.at, record, fate.late);
    truth.records += 1;
    truth.distinct_events += 1;
    if (fate.late > 0) truth.late += 1;
    if (fate.addendum !== undefined) truth.addenda += 1;
    if (time < truth.first_event_at) truth.first_event_at = time;
    if (time > truth.last_event_at) truth.last_event_at = time;
    if (happening.refusal?.denied === true) truth.denied_events += 1;
    // The end of the story gathers what is late, so a second copy there could meet the first in one file.
    if (fate.twice === undefined || happening.at > this.end - day / 4) return;
    this.#delivery.add(accounts[account], region, happening.at, record, fate.twice);
    truth.records += 1;
    truth.duplicates += 1;
  }

  #record(happening: Happening, eventId: string, region: string, time: string, addendum: Fields | undefined): Json {
    const { identity, action, where, refusal, more = {}, account } = happening;
    const host = hostOf(action.source, region);
    const service = identity["type"] === "AWSService" || where.ip.endsWith(".amazonaws.com");
    return {
      eventVersion: "1.11",
      userIdentity: identity,
      eventTime: time,
      eventSource: `${action.source}.amazonaws.com`,
      eventName: action.name,
      awsRegion: region,
      sourceIPAddress: where.ip,
      userAgent: where.agent,
      ...(refusal === undefined
        ? {}
        : { ...(refusal.code === "" ? {} : { errorCode: refusal.code }), errorMessage: refusal.message }),
      requestParameters: action.parameters ?? null,
      responseElements: refusal === undefined || refusal.code === "" ? (action.response ?? null) : null,
      requestID: this.#random.uuid(),
      eventID: eventId,
      readOnly: action.readOnly,
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: accounts[account],
      eventCategory: "Management",
      ...more,
      ...(addendum === undefined ? {} : { addendum }),
      ...(service || action.source === "signin"
        ? {}
        : {
            tlsDetails: {
              tlsVersion: "TLSv1.3",
              cipherSuite: "TLS_AES_128_GCM_SHA256",
              clientProvidedHostHeader: host,
            },
          }),
    };
  }
}

function hostOf(source: string, region: string): string {
  if (source === "iam" || source === "organizations" || source === "route53") return `${source}.amazonaws.com`;
  return `${source}.${region}.amazonaws.com`;
}
