import type * as Denial from "#/core/iam/denial.ts";
import type * as Evaluate from "#/core/iam/evaluate.ts";
import type * as Grammar from "#/core/iam/policy.ts";
import type { Form, NamedPolicy, PolicyKind } from "#/core/iam/policy.ts";
import type { Context, Principal } from "#/core/iam/request.ts";

/** One line of a case table: who does what on what, under which policies, and what AWS documents as the answer. */
export interface Case {
  /** The guarantee, as a sentence. */
  readonly name: string;
  readonly as: Principal;
  readonly does: string;
  readonly on?: string;
  readonly owner?: string;
  readonly with?: Context;
  readonly identity?: Document | Readonly<Record<string, Document>>;
  readonly session?: readonly Document[];
  readonly boundary?: Document;
  readonly resource?: Document;
  readonly trust?: Document;
  readonly scps?: readonly (readonly Document[])[];
  readonly version?: "2008-10-17";
  readonly is: "allowed" | { readonly denied: PolicyKind; readonly by?: string } | { readonly missing: PolicyKind };
  /** How AWS's sentence ends. */
  readonly says?: string;
}

/** Statements; Effect is Allow and Resource `*` unless said. */
export type Document = readonly Readonly<Record<string, unknown>>[];

/** The evaluator under test: ours, or a mutated copy of it. */
export interface Evaluator {
  readonly evaluate: typeof Evaluate.evaluate;
  readonly parsePolicy: typeof Grammar.parsePolicy;
  readonly denialMessage: typeof Denial.denialMessage;
}

/** Undefined when the case holds, else what came instead. */
export function failureOf({ evaluate, parsePolicy, denialMessage }: Evaluator, one: Case): string | undefined {
  const named = (name: string, statements: Document, form: Form): NamedPolicy => ({
    name,
    policy: parsePolicy(documentText(statements, form, one.version), form),
  });
  const identity = isDocument(one.identity) ? { Permissions: one.identity } : (one.identity ?? {});
  const request = {
    principal: one.as,
    action: one.does,
    resource: one.on ?? "*",
    ...(one.owner === undefined ? {} : { resourceAccount: one.owner }),
    context: one.with ?? {},
  };
  const decision = evaluate(request, {
    identity: Object.entries(identity).map(([name, statements]) => named(name, statements, "identity")),
    ...(one.session && {
      session: one.session.map((statements, nth) => named(`Session${nth}`, statements, "identity")),
    }),
    ...(one.boundary && { boundary: named("Boundary", one.boundary, "identity") }),
    ...(one.resource && { resource: named("BucketPolicy", one.resource, "resource") }),
    ...(one.trust && { trust: named("TrustPolicy", one.trust, "trust") }),
    ...(one.scps && { scps: one.scps.map((level) => level.map((statements) => named("Scp", statements, "identity"))) }),
  });
  const message = decision.effect === "allowed" ? "" : denialMessage(request, decision);
  const got = JSON.stringify(
    decision.effect === "allowed"
      ? "allowed"
      : decision.effect === "explicitDeny"
        ? { denied: decision.by.kind, ...(namesPolicy(one) ? { by: decision.by.policy } : {}) }
        : { missing: decision.missing },
  );
  if (got !== JSON.stringify(one.is)) return `${got} ${message}`;
  return one.says === undefined || message.endsWith(one.says) ? undefined : message;
}

const namesPolicy = ({ is }: Case) => typeof is === "object" && "denied" in is && is.by !== undefined;

const isDocument = (given: Case["identity"]): given is Document => Array.isArray(given);

export function documentText(statements: Document, form: Form, version = "2012-10-17"): string {
  const resource = (statement: Document[number]) =>
    form === "trust" || "Resource" in statement || "NotResource" in statement ? {} : { Resource: "*" };
  return JSON.stringify({
    Version: version,
    Statement: statements.map((statement) => ({ Effect: "Allow", ...resource(statement), ...statement })),
  });
}
