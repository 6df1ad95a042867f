import {
  type AccountKey,
  accountNames,
  accounts,
  externalIds,
  homeRegion,
  memberKeys,
  organisationId,
  roleArn,
  signInIssuer,
} from "./accounts.ts";

/** `access.yaml` of the sandbox, as its owner would write it: by hand, with the reasons beside the rules. */
export function accessFile(): string {
  return [head, accountList(), roleList, grantList, powerList].join("\n");
}

const head = `# Who may assume what at Northwharf, and who may do what with Roletrail itself.
# Changed by pull request to the platform team; anything in prod-data needs Ana's review as well.
version: 1

issuers:
  # The company's sign-in. A person is known by the number in the staff directory, never by e-mail.
  - issuer: ${signInIssuer}
    client_id: roletrail
    claim: sub
    groups_claim: groups
`;

function accountList(): string {
  const member = (key: AccountKey): string => `  - id: "${accounts[key]}"
    name: ${accountNames[key]}
    organization: ${organisationId}
    region: ${homeRegion}
    revoker: ${roleArn(key, "RoletrailRevoker")}
    broker: ${roleArn("security", "RoletrailBroker")}`;
  const vendor = `  # Our supplier's account. We may deliver into it; we cannot revoke there, so there is no revoker.
  - id: "${accounts.vendor}"
    name: ${accountNames.vendor}
    region: ${homeRegion}
    broker: ${roleArn("security", "RoletrailBroker")}`;
  return `accounts:\n${[...memberKeys.map(member), vendor].join("\n")}\n`;
}

const roleList = `roles:
  # Data. Twelve hours, because a backfill takes a night.
  - arn: ${roleArn("prodData", "DataAnalyst")}
    description: Query the lake and export to partners
    max_seconds: 43200
    tags: { team: data }
  - arn: ${roleArn("prodData", "DataEngineer")}
    description: Run and repair the pipelines
    max_seconds: 43200
    tags: { team: data }
  - arn: ${roleArn("prodData", "DbAdmin")}
    description: Administer the databases
    max_seconds: 14400
  - arn: ${roleArn("prodData", "ReadOnly")}
    description: Look, touch nothing
    max_seconds: 43200

  # The shop.
  - arn: ${roleArn("prodWeb", "ReadOnly")}
    description: Look, touch nothing
    max_seconds: 43200
  - arn: ${roleArn("prodWeb", "Operator")}
    description: "Keep the shop up: restart, scale, fail over"
    max_seconds: 28800
  - arn: ${roleArn("prodWeb", "Deploy")}
    description: Ship the shop
    max_seconds: 14400

  # Staging. SupportDesk and Deploy still trust the broker's role instead of its tokens, so an hour is all they give.
  - arn: ${roleArn("staging", "Operator")}
    description: Try it before the shop does
    max_seconds: 43200
  - arn: ${roleArn("staging", "ReadOnly")}
    description: Look, touch nothing
    max_seconds: 43200
  - arn: ${roleArn("staging", "SupportDesk")}
    road: assume-role
    description: Reproduce what customers report
  - arn: ${roleArn("staging", "Deploy")}
    road: assume-role
    description: Ship to staging
    max_seconds: 14400

  # The organisation itself.
  - arn: ${roleArn("orgRoot", "Billing")}
    description: Read costs and invoices
    max_seconds: 43200
  - arn: ${roleArn("orgRoot", "OrganizationReader")}
    description: Read accounts and policies of the organisation
    max_seconds: 43200
  - arn: ${roleArn("orgRoot", "BreakGlassAdmin")}
    description: Everything, for an hour, reviewed afterwards

  # Security.
  - arn: ${roleArn("security", "SecurityAudit")}
    description: Look into every account
    max_seconds: 43200
  - arn: ${roleArn("security", "IncidentResponse")}
    description: "Contain: deactivate keys, isolate instances, read the logs"
    max_seconds: 14400
  - arn: ${roleArn("prodData", "IncidentResponse")}
    description: "Contain: deactivate keys, isolate instances, read the logs"
    max_seconds: 14400
  - arn: ${roleArn("prodWeb", "IncidentResponse")}
    description: "Contain: deactivate keys, isolate instances, read the logs"
    max_seconds: 14400
  - arn: ${roleArn("security", "LogReader")}
    road: assume-role
    description: Read the organisation trail

  # Everyone's.
  - arn: ${roleArn("playground", "Developer")}
    description: Try anything; emptied on Sundays
    max_seconds: 43200

  # Acme's side of the exchange. They ask for the external id of the contract.
  - arn: ${roleArn("vendor", "PartnerExport")}
    road: assume-role
    external_id: ${externalIds.partnerExport}
    description: Deliveries to Acme
`;

const grantList = `grants:
  - name: Data works in the lake
    groups: [data]
    roles:
      - ${roleArn("prodData", "DataAnalyst")}
      - ${roleArn("prodData", "DataEngineer")}
    max_seconds: 43200
    requires: [reason]

  - name: Data delivers to Acme
    groups: [data]
    roles: [${roleArn("vendor", "PartnerExport")}]
    requires: [reason]

  - name: Data looks around
    groups: [data]
    roles:
      - ${roleArn("prodData", "ReadOnly")}
      - ${roleArn("staging", "ReadOnly")}

  - name: Databases
    groups: [dba]
    roles: [${roleArn("prodData", "DbAdmin")}]
    max_seconds: 14400
    requires: [reason]

  # Whoever carries the pager. DbAdmin is reached from Operator, never directly.
  - name: On call
    groups: [on-call]
    roles: [${roleArn("prodWeb", "Operator")}]
    max_seconds: 28800
    requires: [reason]

  - name: On call, last resort
    groups: [on-call]
    roles: [${roleArn("orgRoot", "BreakGlassAdmin")}]
    max_seconds: 3600
    requires: [reason]

  - name: On call looks around
    groups: [on-call]
    roles:
      - ${roleArn("prodWeb", "ReadOnly")}
      - ${roleArn("staging", "Operator")}

  - name: The shop's engineers
    groups: [web, mobile]
    roles:
      - ${roleArn("prodWeb", "ReadOnly")}
      - ${roleArn("staging", "Operator")}
      - ${roleArn("staging", "Deploy")}

  - name: Releases
    groups: [platform]
    roles:
      - ${roleArn("prodWeb", "Deploy")}
      - ${roleArn("staging", "Deploy")}
    max_seconds: 14400
    requires: [reason]

  - name: Platform looks around
    groups: [platform]
    roles:
      - ${roleArn("prodWeb", "ReadOnly")}
      - ${roleArn("prodData", "ReadOnly")}
      - ${roleArn("staging", "Operator")}
      - ${roleArn("orgRoot", "OrganizationReader")}

  - name: Support
    groups: [support]
    roles: [${roleArn("staging", "SupportDesk")}]

  - name: Costs
    groups: [finance, platform]
    roles: [${roleArn("orgRoot", "Billing")}]

  - name: Audit
    groups: [audit, security]
    roles:
      - ${roleArn("security", "SecurityAudit")}
      - ${roleArn("orgRoot", "OrganizationReader")}

  - name: Incidents
    groups: [security]
    roles:
      - ${roleArn("security", "IncidentResponse")}
      - ${roleArn("prodData", "IncidentResponse")}
      - ${roleArn("prodWeb", "IncidentResponse")}
      - ${roleArn("security", "LogReader")}
    requires: [reason]

  - name: Playground
    groups: [staff, contractors]
    roles: [${roleArn("playground", "Developer")}]
`;

const powerList = `# What people may do with Roletrail itself. None implies another.
powers:
  - groups: [staff, contractors]
    may: [see-own]
    accounts: "*"

  # Whoever owns an account sees who is in it.
  - groups: [owners-prod-data]
    may: [see-account]
    accounts: ["${accounts.prodData}"]
  - groups: [owners-prod-web]
    may: [see-account]
    accounts: ["${accounts.prodWeb}"]
  - groups: [owners-staging]
    may: [see-account]
    accounts: ["${accounts.staging}"]

  - groups: [platform]
    may: [see-account, ask-sql, export, review]
    accounts: ["${accounts.prodWeb}", "${accounts.staging}", "${accounts.playground}"]

  - groups: [audit]
    may: [see-all, export, review]
    accounts: "*"

  - groups: [security]
    may: [see-all, ask-sql, export, revoke, undo, freeze, reset-factor, review]
    accounts: "*"

# Names people can read in CloudTrail; \`opaque\` keeps them out of suppliers' logs.
session_names: readable
`;
