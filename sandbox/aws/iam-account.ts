import type { Call } from "./call.ts";
import { everything, type IamActions } from "./iam-action.ts";
import { exists, notFound } from "./iam-holder.ts";
import { required, rules } from "./iam-parameters.ts";
import type { XmlValue } from "./xml.ts";

/** Account aliases (one an account, unique among all) and the summary of what is there against its quotas. */
export const accountActions: IamActions = {
  ListAccountAliases: {
    resource: everything,
    run: ({ account: { alias } }) => ({ AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false }),
  },
  CreateAccountAlias: { resource: everything, run: createAlias },
  DeleteAccountAlias: { resource: everything, run: deleteAlias },
  GetAccountSummary: { resource: everything, run: summary },
};

function createAlias(call: Call): XmlValue {
  const alias = required(call, "AccountAlias", rules.alias);
  if (call.organisation.accounts.some((account) => account.alias === alias && account !== call.account)) {
    throw exists(`The account alias ${alias} already exists.`);
  }
  call.account.alias = alias;
  return undefined;
}

function deleteAlias(call: Call): XmlValue {
  const alias = required(call, "AccountAlias", rules.alias);
  if (call.account.alias !== alias) throw notFound(`The account alias ${alias} cannot be found.`);
  delete call.account.alias;
  return undefined;
}

function summary({ account }: Call): XmlValue {
  const devices = account.users.flatMap(({ mfaDevices }) => mfaDevices).length;
  const counts: Record<string, number> = {
    Users: account.users.length,
    UsersQuota: 5000,
    Roles: account.roles.length,
    RolesQuota: 1000,
    Policies: account.managedPolicies.filter(({ arn }) => !arn.includes("::aws:")).length,
    PoliciesQuota: 1500,
    Providers: account.oidcProviders.length,
    MFADevices: devices + (account.virtualMfaDevices?.length ?? 0),
    MFADevicesInUse: devices,
    AccountMFAEnabled: 0,
    AccountAccessKeysPresent: 0,
    AssumeRolePolicySizeQuota: 2048,
    PolicySizeQuota: 6144,
    AttachedPoliciesPerRoleQuota: 10,
    AccessKeysPerUserQuota: 2,
  };
  return { SummaryMap: new Map(Object.entries(counts)) };
}
