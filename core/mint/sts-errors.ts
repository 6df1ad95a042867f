import { Refusal } from "../refusal.ts";
import { OwnRoleRefused } from "./sts.ts";
import { type Trusting, trustLine } from "./trust.ts";

/** How a call that issued nothing we hold ended. `unknown`: STS may have made a session all the same. */
export interface Ending {
  readonly outcome: "refused" | "failed" | "unknown";
  /** For the ledger: AWS's code and sentence, never a credential. */
  readonly why: string;
  readonly refusal: Refusal;
}

/** What an error of the STS call means for the person. AWS's codes and texts: facts of the STS API model. */
export function endingOf(error: unknown, minting: Trusting): Ending {
  const { name, message, code } = partsOf(error);
  const why = `${code ?? name}: ${message}`.slice(0, 500);
  if (neverSent.has(code ?? "")) return { outcome: "failed", why, refusal: unreachable() };
  if (name === "CredentialsProviderError") return { outcome: "failed", why, refusal: noIdentity() };
  if (error instanceof NotSigned) return { outcome: "failed", why, refusal: noSignature() };
  if (error instanceof OwnRoleRefused) return { outcome: "failed", why, refusal: noOwnRole() };
  if (isFromAws(error)) {
    const answer = answers.find((candidate) => candidate.name.test(name) && candidate.text.test(message));
    if (answer !== undefined) return { outcome: "refused", why, refusal: answer.refusal(message, minting) };
  }
  return { outcome: "unknown", why, refusal: lost() };
}

/** The token for STS could not be signed, or the signature not recorded: nothing was asked of STS. */
export class NotSigned extends Error {
  constructor(cause: unknown) {
    super(`the token was not signed: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : "no answer"}`);
    this.name = "NotSigned";
  }
}

/** May the same request be sent again? Only where AWS said that it made nothing, and that trying again can help. */
export const mayTryAgain = (error: unknown): boolean => partsOf(error).name.startsWith("IDPCommunicationError");

/** The connection was never made, so no request reached STS. */
const neverSent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "CERT_HAS_EXPIRED",
]);

type Answer = {
  readonly name: RegExp;
  readonly text: RegExp;
  readonly refusal: (message: string, minting: Trusting) => Refusal;
};

const any = /(?:)/;
// biome-ignore format: the columns are the point
const answers: readonly Answer[] = [
  { name: /^Throttling|^TooManyRequests/,       text: any,                       refusal: busy },
  { name: /^PackedPolicyTooLarge/,              text: any,                       refusal: tooLarge },
  { name: /^MalformedPolicyDocument/,           text: any,                       refusal: malformed },
  { name: /^ValidationError/,                   text: /role chaining|1 hour/i,   refusal: chainCap },
  { name: /^ValidationError/,                   text: /MaxSessionDuration/i,     refusal: roleMax },
  { name: /^AccessDenied/,                      text: /sts:TagSession/,          refusal: mayNot("sts:TagSession") },
  { name: /^AccessDenied/,                      text: /sts:SetSourceIdentity/,   refusal: mayNot("sts:SetSourceIdentity") },
  { name: /^AccessDenied/,                      text: any,                       refusal: notTrusted },
  { name: /^InvalidIdentityToken/,              text: /No OpenIDConnect provider/i, refusal: noProvider },
  { name: /^InvalidIdentityToken|^IDPRejected/, text: any,                       refusal: tokenRefused },
  { name: /^IDPCommunicationError/,             text: any,                       refusal: issuerUnreachable },
  { name: /^RegionDisabled/,                    text: any,                       refusal: regionDisabled },
  // Every other answer with a 4xx: AWS's own words are the best there is.
  { name: any,                                  text: any,                       refusal: inAwsWords },
];

function busy(): Refusal {
  return new Refusal("mint.busy", "AWS asks us to slow down.", { help: "Try again in a few seconds." });
}

function tooLarge(message: string): Refusal {
  const percent = /(\d+)%/.exec(message)?.[1];
  const detail = `Session policy and tags together do not fit${percent === undefined ? "" : `: ${percent} % of AWS's packed size`}.`;
  return new Refusal("policy.too-large", detail, { help: "Make the session policy shorter; AWS packs it, so try." });
}

function malformed(message: string): Refusal {
  return new Refusal("policy.invalid", `AWS did not accept the session policy: ${message}`);
}

function chainCap(): Refusal {
  return new Refusal("duration.too-long", "AWS caps a role taken from another role at 1 hour.", {
    help: "Ask for 1 hour or less, or ask for this role by the road web-identity, which is not capped so.",
  });
}

function roleMax(): Refusal {
  return new Refusal("duration.too-long", "The role itself lends less than the access file says.", {
    help: "Ask for less, or ask who keeps the role to raise its MaxSessionDuration (and the access file to match it).",
  });
}

function mayNot(action: "sts:TagSession" | "sts:SetSourceIdentity") {
  return (_message: string, minting: Trusting): Refusal =>
    new Refusal("sts.refused", `The role's trust policy does not allow ${action}.`, {
      help: `Ask who keeps the role to let its trust policy say: ${trustLine(minting)}`,
    });
}

function notTrusted(_message: string, minting: Trusting): Refusal {
  return new Refusal("sts.refused", "AWS did not let Roletrail take this role.", {
    help: `Either the role is gone, or its trust policy does not name Roletrail. It should say: ${trustLine(minting)}`,
  });
}

function noProvider(_message: string, { terms }: Trusting): Refusal {
  const { id, name } = terms.account;
  return new Refusal("sts.refused", `Account ${name} (${id}) has no OIDC provider for Roletrail.`, {
    help: "Ask who keeps the account to add Roletrail's issuer as an IAM OIDC provider with audience sts.amazonaws.com.",
  });
}

function tokenRefused(message: string): Refusal {
  return new Refusal("sts.refused", `AWS did not accept Roletrail's token: ${message}`, {
    help: "The platform team can see why: the issuer's keys, its address, or the provider's audience in that account.",
  });
}

function issuerUnreachable(): Refusal {
  return new Refusal("sts.unreachable", "AWS could not fetch Roletrail's keys just now.", {
    help: "Try again in a minute.",
  });
}

function regionDisabled(_message: string, { terms }: Trusting): Refusal {
  return new Refusal("sts.refused", `STS is switched off in ${terms.account.region} for this account.`, {
    help: "Ask who keeps the account to switch the region on, or name another region in the access file.",
  });
}

function inAwsWords(message: string): Refusal {
  return new Refusal("sts.refused", `AWS refused: ${message}`);
}

function unreachable(): Refusal {
  return new Refusal("sts.unreachable", "AWS STS does not answer.", { help: "Try again in a minute." });
}

function noIdentity(): Refusal {
  return new Refusal("account.none", "Roletrail has no AWS credentials of its own here.", {
    help: "The platform team can give the mint function its role, or point it at an account.",
  });
}

function noSignature(): Refusal {
  return new Refusal("sts.unreachable", "Roletrail could not sign for you just now, so it asked AWS for nothing.", {
    help: "Try again in a minute. If it stays, the platform team can see why in the ledger; it is not about you.",
  });
}

function noOwnRole(): Refusal {
  return new Refusal("sts.refused", "Roletrail could not take its own broker role, so it asked AWS for nothing.", {
    help: "The platform team can see why in the ledger; it is not about you or this role.",
  });
}

function lost(): Refusal {
  return new Refusal("sts.unreachable", "AWS did not answer in time, so nothing was handed over.", {
    help: "Try again: if AWS did make a session, nobody ever saw its key, and the ledger says so.",
  });
}

/** An answer with AWS's own code and a 4xx: STS decided, and issued nothing. */
function isFromAws(error: unknown): boolean {
  if (!(error instanceof Error) || !("$fault" in error) || !("$metadata" in error)) return false;
  const { httpStatusCode: status } = Object(error.$metadata);
  return error.$fault === "client" && typeof status === "number" && status >= 400 && status < 500;
}

function partsOf(error: unknown): { name: string; message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), code: undefined };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { name: error.name, message: error.message, code };
}
