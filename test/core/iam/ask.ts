import { type Decision, evaluate } from "#/core/iam/evaluate.ts";
import { type Form, parsePolicy } from "#/core/iam/policy.ts";
import type { Question } from "./random.ts";
import { type Document, documentText } from "./table.ts";

/** Our evaluator's answer to a random question. */
export function ask(question: Question): Decision {
  const { principal, action, resource, resourceAccount, context, session, boundary, resourcePolicy } = question;
  const named = (name: string, statements: Document, form: Form) => ({
    name,
    policy: parsePolicy(documentText(statements, form), form),
  });
  const trust = action === "sts:AssumeRole";
  const grants = trust ? resourcePolicy?.map(withoutResource) : resourcePolicy;
  const granting = grants && named("Grant", grants, trust ? "trust" : "resource");
  return evaluate(
    { principal, action, resource, resourceAccount, context },
    {
      identity: question.identity.map((statements, nth) => named(`P${nth}`, statements, "identity")),
      ...(session && { session: [named("Session", session, "identity")] }),
      ...(boundary && { boundary: named("Boundary", boundary, "identity") }),
      ...(granting && (trust ? { trust: granting } : { resource: granting })),
      ...(question.scps.length > 0 && {
        scps: question.scps.map((level) => level.map((statements) => named("Scp", statements, "identity"))),
      }),
    },
  );
}

/** As a trust policy's statement: about the role itself, in STS's actions. */
export const withoutResource = ({ Resource: _, NotResource: __, NotAction: ___, ...statement }: Document[number]) => ({
  ...statement,
  Action: "sts:AssumeRole",
});
