import { AwsError, type ServiceHandler } from "./call.ts";
import { absentActions } from "./iam-absent.ts";
import { accountActions } from "./iam-account.ts";
import type { IamAction } from "./iam-action.ts";
import { attachedActions } from "./iam-attached.ts";
import { detailActions } from "./iam-details.ts";
import { inlineActions } from "./iam-inline.ts";
import { keyActions } from "./iam-keys.ts";
import { managedActions } from "./iam-managed.ts";
import { mfaActions } from "./iam-mfa.ts";
import { oidcActions } from "./iam-oidc.ts";
import { roleActions } from "./iam-roles.ts";
import { simulateActions } from "./iam-simulate.ts";
import { tagActions } from "./iam-tags.ts";
import { traceOf } from "./iam-trace.ts";
import { userActions } from "./iam-users.ts";
import { versionActions } from "./iam-versions.ts";
import { queryXml } from "./xml.ts";

/** IAM's query API, version 2010-05-08, over the simulated organisation. */
export const iam: ServiceHandler = (call) => {
  const action = iamActions.get(call.action);
  if (action === undefined) {
    throw new AwsError("InvalidAction", `Could not find operation ${call.action} for version 2010-05-08`);
  }
  call.trace.readOnly = isReadOnly(call.action);
  call.authorize({
    action: `iam:${call.action}`,
    resource: action.resource(call),
    context: action.context?.(call) ?? {},
  });
  const result = action.run(call);
  if (!call.trace.readOnly) {
    call.trace.responseElements = traceOf(result);
    call.save();
  }
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: queryXml(call.action, "https://iam.amazonaws.com/doc/2010-05-08/", call.requestId, result),
  };
};

export const iamActions: ReadonlyMap<string, IamAction> = new Map(
  Object.entries({
    ...roleActions,
    ...userActions,
    ...inlineActions,
    ...attachedActions,
    ...tagActions,
    ...keyActions,
    ...mfaActions,
    ...managedActions,
    ...versionActions,
    ...oidcActions,
    ...accountActions,
    ...simulateActions,
    ...detailActions,
    ...absentActions,
  }),
);

const isReadOnly = (action: string): boolean => /^(Get|List|Simulate|Generate)/.test(action);
