import type { Call } from "./call.ts";
import { everything, type IamActions } from "./iam-action.ts";
import { findUser, holderArn, notFound, userKind } from "./iam-holder.ts";

/**
 * What the sandbox has none of: groups, instance profiles, SAML providers, certificates, console passwords. Programs that
 * walk an account ask for them all the same, and are told so as AWS tells it.
 */
export const absentActions: IamActions = {
  ListGroups: { resource: everything, run: () => ({ Groups: [], IsTruncated: false }) },
  ListInstanceProfiles: { resource: everything, run: () => ({ InstanceProfiles: [], IsTruncated: false }) },
  ListServerCertificates: {
    resource: everything,
    run: () => ({ ServerCertificateMetadataList: [], IsTruncated: false }),
  },
  ListSAMLProviders: { resource: everything, run: () => ({ SAMLProviderList: [] }) },
  GetLoginProfile: {
    resource: (call) => holderArn(userKind, call),
    run: (call) => {
      throw notFound(`Login Profile for User ${findUser(call).name} cannot be found.`);
    },
  },
  GetAccountPasswordPolicy: {
    resource: everything,
    run: ({ account }: Call) => {
      throw notFound(`The Password Policy with domain name ${account.id} cannot be found.`);
    },
  },
};
