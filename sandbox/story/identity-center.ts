import { accounts, homeRegion } from "./accounts.ts";
import { hour } from "./clock.ts";
import { clicks } from "./console.ts";
import { personAt } from "./places.ts";
import { identityCenterProvider } from "./policies.ts";
import { Random } from "./random.ts";
import { type Identity, samlIdentity } from "./shapes.ts";
import type { Stage } from "./stage.ts";
import { assumeByToken, roleOf } from "./sts.ts";

const centerPeople = [
  { email: "noor.haddad", account: "orgRoot", role: "AWSReservedSSO_AdministratorAccess_0f3a9c1d5e7b2468" },
  { email: "teo.park", account: "prodWeb", role: "AWSReservedSSO_ViewOnly_4be27d9013fa586c" },
  { email: "tara.whelan", account: "prodData", role: "AWSReservedSSO_ViewOnly_9c05e1b7f2438ad6" },
  { email: "vera.antonova", account: "prodData", role: "AWSReservedSSO_ViewOnly_9c05e1b7f2438ad6" },
] as const;

/** The Identity Center portal: its own events, AssumeRoleWithSAML by AWS itself, calls under another key. */
export function identityCenter(stage: Stage, random: Random, midnight: number): void {
  const who = random.pick(centerPeople);
  const name = `${who.email}@northwharf.example`;
  const where = personAt(who.email, random);
  const at = midnight + Math.floor(random.near(10.5, 2.5) * hour);
  const portal: Identity = {
    type: "IdentityCenterUser",
    accountId: accounts.orgRoot,
    onBehalfOf: {
      userId: new Random("identity-store", who.email).uuid(),
      identityStoreArn: `arn:aws:identitystore::${accounts.orgRoot}:identitystore/d-99670e1c2a`,
    },
    credentialId: random.uuid(),
  };
  for (const [index, event] of (["Authenticate", "ListAccounts", "ListAccountRoles", "Federate"] as const).entries()) {
    stage.happen({
      account: "orgRoot",
      at: at + index * 4,
      identity: portal,
      action: { source: "sso", name: event, readOnly: index > 0 },
      where,
      more: { eventType: "AwsServiceEvent", serviceEventDetails: { account_id: accounts[who.account] } },
    });
  }
  const qualifier = `${random.text("ABCDEFGHabcdefgh0123456789", 27)}=`;
  const session = assumeByToken(
    stage,
    random,
    {
      api: "AssumeRoleWithSAML",
      identity: samlIdentity(centerQualifier, name),
      caller: `saml:${centerQualifier}/${name}`,
      where: { ip: "AWS Internal", agent: "aws-internal/3" },
    },
    roleOf(who.account, who.role),
    {
      at: at + 17,
      sessionName: name,
      seconds: 4 * hour,
      origin: "identity-center",
      where,
      region: homeRegion,
      parameters: {
        sAMLAssertionID: `_${random.uuid()}`,
        principalArn: `arn:aws:iam::${accounts[who.account]}:saml-provider/${identityCenterProvider}`,
      },
      response: {
        subject: name,
        subjectType: "persistent",
        issuer: "https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/northwharf",
        audience: "https://signin.aws.amazon.com/saml",
        nameQualifier: qualifier,
      },
    },
  );
  if (session !== null) clicks(stage, random, session, "looking", session.issued.createdAt);
}

const centerQualifier = "nWh4rfIdEnTiTyCeNtErQuAlIf=";
