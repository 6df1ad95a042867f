import { AccessFile } from "#/core/access.ts";
import type { Person } from "#/core/person.ts";
import { externalId, roleArn } from "./role-names.ts";
import type { Run } from "./run.ts";

/** The access file of a run: its own roles, granted to whoever runs it. */
export function accessOf(run: Run): AccessFile {
  const { account, partition } = run.caller;
  const [web, other, assumed] = [roleArn(run, "web"), roleArn(run, "other"), roleArn(run, "assumed")];
  return AccessFile.parse({
    version: 1,
    issuers: [{ issuer: "https://contract.invalid", client_id: "contract" }],
    accounts: [
      { id: account, name: "contract", partition, region: run.terms.region, revoker: roleArn(run, "revoker") },
    ],
    roles: [
      { arn: web, road: "web-identity" },
      { arn: other, road: "web-identity" },
      { arn: assumed, road: "assume-role", external_id: externalId(run) },
    ],
    grants: [{ name: "contract", people: [person.id], roles: [web, other, assumed] }],
    powers: [],
  });
}

/** Who mints in a run: nobody's name, so that none lands in CloudTrail. */
export const person: Person = {
  id: "p_contractcontract",
  issuer: "https://contract.invalid",
  claim: "contract",
  groups: [],
  groups_state: "complete",
  name: "contract",
  authenticated_at: "2026-01-01T00:00:00Z",
  via: "machine",
};
