import type { AwsReply, Call, JsonObject, Session } from "./call.ts";
import { newTemporaryKeyId, type SessionSeal } from "./session.ts";
import { queryXml, type XmlValue } from "./xml.ts";

/** Everything of a session but what issuing itself decides. */
export type Ordered = Omit<Session, "accessKeyId" | "issuedAt" | "expiresAt"> & { readonly seconds: number };

export interface Issued {
  readonly session: Session;
  /** `Credentials` of the answer. */
  readonly credentials: XmlValue;
  /** The same for the trail: with the token, as AWS does, and without the secret. */
  readonly recorded: JsonObject;
}

/** Makes the credentials. The issue time is a whole second, as AWS keeps it. */
export function issue(seal: SessionSeal, ordered: Ordered, now: Date): Issued {
  const { seconds, ...rest } = ordered;
  const issuedAt = Math.floor(now.getTime() / 1000);
  const accessKeyId = newTemporaryKeyId(ordered.account);
  const session: Session = { ...rest, accessKeyId, issuedAt, expiresAt: issuedAt + seconds };
  const token = seal.seal(session);
  const expires = new Date(session.expiresAt * 1000);
  return {
    session,
    credentials: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: seal.secretOf(accessKeyId),
      SessionToken: token,
      Expiration: `${expires.toISOString().slice(0, 19)}Z`,
    },
    recorded: { accessKeyId, sessionToken: token, expiration: localeTime(expires) },
  };
}

/** An STS answer in the query protocol's XML. */
export function stsReply(call: Pick<Call, "action" | "requestId">, result: XmlValue): AwsReply {
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: queryXml(call.action, stsNamespace, call.requestId, result),
  };
}

export const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** `Nov 21, 2026, 10:05:01 PM`: how CloudTrail has shown `expiration` since 2022. */
function localeTime(at: Date): string {
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const hour = at.getUTCHours();
  const clock = [hour % 12 || 12, ...[at.getUTCMinutes(), at.getUTCSeconds()].map((n) => String(n).padStart(2, "0"))];
  const day = `${months[at.getUTCMonth()]} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
  return `${day}, ${clock.join(":")} ${hour < 12 ? "AM" : "PM"}`;
}
