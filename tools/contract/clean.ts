import {
  DeleteOpenIDConnectProviderCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetOpenIDConnectProviderCommand,
  IAMClient,
  ListOpenIDConnectProvidersCommand,
  ListRolePoliciesCommand,
  paginateListRoles,
} from "@aws-sdk/client-iam";
import { Lake } from "./lake.ts";
import { tagKey } from "./names.ts";
import type { Run } from "./run.ts";
import { Failed, sentenceOf, settled } from "./steps.ts";
import { Storage } from "./storage.ts";

/**
 * Removes all that a run made, found by its names and tags alone: the same after a good end, a failure, Ctrl-C, and of a
 * run that was killed. One thing that cannot be removed does not keep the others.
 *
 * @throws Failed naming what stayed.
 */
export async function clean(run: Run): Promise<string> {
  const iam = new IAMClient({ region: run.terms.region, maxAttempts: 8 });
  const lake = new Lake(run);
  const storage = new Storage(run);
  const gone: string[] = [];
  const left: string[] = [];
  // A run of one half may lack the rights to look at the other; what was killed may have been any.
  const half = run.terms.clean === null ? run.terms.only : null;
  const parts = [
    { what: "roles", of: "roles", remove: () => removeRoles(run, iam) },
    { what: "the OIDC provider", of: "roles", remove: () => removeProviders(run, iam) },
    { what: "the database and workgroup", of: "athena", remove: () => lake.remove() },
    { what: "objects and bucket", of: null, remove: () => storage.remove() },
  ];
  for (const { what, remove } of parts.filter(({ of }) => half === null || of === null || of === half)) {
    const words = await settled(run.outside, remove, { seconds: 20, retries: isPassing }).catch((error: unknown) => {
      left.push(`${what}: ${sentenceOf(error)}`);
      return "";
    });
    if (words !== "") gone.push(words);
  }
  iam.destroy();
  lake.close();
  storage.close();
  if (left.length > 0) throw new Failed(`Something stayed. Remove it with --clean ${run.names.run}, or by hand.`, left);
  return gone.length === 0 ? "there was nothing" : gone.join("; ");
}

const isPassing = (error: unknown): boolean =>
  error instanceof Error &&
  /^(Throttling|TooManyRequests|DeleteConflict|ConcurrentModification|SlowDown|BucketNotEmpty)/.test(error.name);

async function removeRoles({ names }: Run, iam: IAMClient): Promise<string> {
  const found: string[] = [];
  for await (const { Roles = [] } of paginateListRoles({ client: iam }, { PathPrefix: names.rolePath }))
    found.push(...Roles.flatMap(({ RoleName }) => RoleName ?? []));
  for (const RoleName of found) {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
  }
  return found.length === 0 ? "" : `${found.length} roles`;
}

/** Only a provider with the run's own tag: one that was there before is the account's. */
async function removeProviders({ names }: Run, iam: IAMClient): Promise<string> {
  const { OpenIDConnectProviderList = [] } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
  const removed: string[] = [];
  for (const { Arn: OpenIDConnectProviderArn } of OpenIDConnectProviderList) {
    const { Tags = [] } = await iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    if (!Tags.some(({ Key, Value }) => Key === tagKey && Value === names.run)) continue;
    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
    removed.push(String(OpenIDConnectProviderArn));
  }
  return removed.join("; ");
}
