import { anonymous, away, foreignRole, home, issuer, lambda, role, root, session, user, web } from "../people.ts";
import type { Case } from "../table.ts";

const may = [{ Action: "sts:AssumeRole" }];
const trusts = (Principal: unknown, more: object = {}) => [{ Principal, Action: "sts:AssumeRole", ...more }];
const assume = { does: "sts:AssumeRole", on: role };
const external = { Condition: { StringEquals: { "sts:ExternalId": "tenant-7" } } };
const mfa = { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } };
const fresh = { Condition: { NumericLessThan: { "aws:MultiFactorAuthAge": "3600" } } };
const token = {
  StringEquals: { "issuer.roletrail.test:aud": "sts.amazonaws.com" },
  StringLike: { "issuer.roletrail.test:sub": `${home}:ReadOnly:*` },
};
const signed = (more: object = {}) => [
  {
    Principal: { Federated: issuer },
    Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
    Condition: {
      ...token,
      "ForAllValues:StringEquals": { "aws:TagKeys": ["RoletrailMint", "team"] },
      Null: { "aws:RequestTag/RoletrailMint": "false" },
    },
    ...more,
  },
  { Principal: { Federated: issuer }, Action: "sts:SetSourceIdentity", Condition: token },
];
const untagged = {
  "issuer.roletrail.test:aud": "sts.amazonaws.com",
  "issuer.roletrail.test:sub": `${home}:ReadOnly:p7`,
};
const claims = { ...untagged, "aws:RequestTag/RoletrailMint": "m_01", "aws:TagKeys": ["RoletrailMint"] };
const exchange = { as: web, does: "sts:AssumeRoleWithWebIdentity", on: role, owner: home };

// biome-ignore format: one case a line
export const trustCases: readonly Case[] = [
  { name: "a trusted account root lets in whom its own policies allow", as: user, ...assume, identity: may, trust: trusts({ AWS: `arn:aws:iam::${home}:root` }), is: "allowed" },
  { name: "a trusted account root alone lets nobody in", as: user, ...assume, trust: trusts({ AWS: `arn:aws:iam::${home}:root` }), is: { missing: "identity" }, says: "because no identity-based policy allows the sts:AssumeRole action" },
  { name: "an account id is the same as its root", as: user, ...assume, identity: may, trust: trusts({ AWS: home }), is: "allowed" },
  { name: "an account id alone lets nobody in", as: user, ...assume, trust: trusts({ AWS: home }), is: { missing: "identity" } },
  { name: "another account's id does not let in ours", as: user, ...assume, identity: may, trust: trusts({ AWS: away }), is: { missing: "trust" }, says: "because no role trust policy allows the sts:AssumeRole action" },
  { name: "a user named in its own account's trust needs no identity policy", as: user, ...assume, trust: trusts({ AWS: user.arn }), is: "allowed" },
  { name: "a user's unique id names it", as: user, ...assume, trust: trusts({ AWS: user.id }), is: "allowed" },
  { name: "another user is not let in", as: user, ...assume, identity: may, trust: trusts({ AWS: `arn:aws:iam::${home}:user/other` }), is: { missing: "trust" } },
  { name: "a user's path is part of its name", as: user, ...assume, identity: may, trust: trusts({ AWS: `arn:aws:iam::${home}:user/mara` }), is: { missing: "trust" } },
  { name: "a trusted role lets its sessions in", as: session, ...assume, trust: trusts({ AWS: session.roleArn }), is: "allowed" },
  { name: "a role named without its path is another role", as: session, ...assume, identity: may, trust: trusts({ AWS: `arn:aws:iam::${home}:role/Deploy` }), is: { missing: "trust" } },
  { name: "a role's unique id lets its sessions in", as: session, ...assume, trust: trusts({ AWS: "AROADEPLOYDEPLOYDEPLO" }), is: "allowed" },
  { name: "a trusted session lets that session in", as: session, ...assume, trust: trusts({ AWS: session.arn }), is: "allowed" },
  { name: "a trusted session does not let in another of the same role", as: { ...session, arn: `arn:aws:sts::${home}:assumed-role/Deploy/teo` }, ...assume, identity: may, trust: trusts({ AWS: session.arn }), is: { missing: "trust" } },
  { name: "a session policy limits a session trusted by its role", as: session, ...assume, session: [[{ Action: "s3:*" }]], trust: trusts({ AWS: session.roleArn }), is: { missing: "session" } },
  { name: "a role trusts even itself only when its trust says so", as: { ...session, roleArn: role }, ...assume, identity: may, trust: trusts({ AWS: foreignRole }), is: { missing: "trust" } },
  { name: "everyone is let in by a star", as: user, ...assume, trust: trusts("*"), is: "allowed" },
  { name: "everyone of AWS is let in by AWS star", as: user, ...assume, trust: trusts({ AWS: "*" }), is: "allowed" },
  { name: "an explicit deny in a trust policy wins", as: user, ...assume, identity: may, trust: [...trusts({ AWS: home }), ...trusts({ AWS: user.arn }, { Effect: "Deny" })], is: { denied: "trust" }, says: "with an explicit deny in the role trust policy" },
  { name: "across accounts both sides must allow", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: home }), is: "allowed" },
  { name: "across accounts the trust alone is not enough, even by name", as: user, ...assume, on: foreignRole, owner: away, trust: trusts({ AWS: user.arn }), is: { missing: "identity" } },
  { name: "across accounts the caller's policy alone is not enough", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: away }), is: { missing: "trust" } },
  { name: "across accounts the caller's policy must name the role", as: user, ...assume, on: foreignRole, owner: away, identity: [{ Action: "sts:AssumeRole", Resource: role }], trust: trusts({ AWS: home }), is: { missing: "identity" } },
  { name: "the right external id opens", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: home }, external), with: { "sts:ExternalId": "tenant-7" }, is: "allowed" },
  { name: "a wrong external id does not", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: home }, external), with: { "sts:ExternalId": "tenant-8" }, is: { missing: "trust" } },
  { name: "an absent external id does not", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: home }, external), is: { missing: "trust" } },
  { name: "an external id compares with its case", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: home }, external), with: { "sts:ExternalId": "Tenant-7" }, is: { missing: "trust" } },
  { name: "MFA opens where MFA is asked", as: user, ...assume, trust: trusts({ AWS: user.arn }, mfa), with: { "aws:MultiFactorAuthPresent": "true" }, is: "allowed" },
  { name: "long-term keys without MFA stay out where MFA is asked", as: user, ...assume, trust: trusts({ AWS: user.arn }, mfa), is: { missing: "trust" } },
  { name: "MFA that says false stays out", as: user, ...assume, trust: trusts({ AWS: user.arn }, mfa), with: { "aws:MultiFactorAuthPresent": "false" }, is: { missing: "trust" } },
  { name: "the IfExists form of MFA lets long-term keys in, as AWS warns", as: user, ...assume, trust: trusts({ AWS: user.arn }, { Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "true" } } }), is: "allowed" },
  { name: "a young MFA opens", as: user, ...assume, trust: trusts({ AWS: user.arn }, fresh), with: { "aws:MultiFactorAuthAge": "300" }, is: "allowed" },
  { name: "an old MFA does not", as: user, ...assume, trust: trusts({ AWS: user.arn }, fresh), with: { "aws:MultiFactorAuthAge": "3600" }, is: { missing: "trust" } },
  { name: "no MFA age is no young MFA", as: user, ...assume, trust: trusts({ AWS: user.arn }, fresh), is: { missing: "trust" } },
  { name: "a source identity may be set where the trust allows it", as: user, does: "sts:SetSourceIdentity", on: role, trust: [{ Principal: { AWS: user.arn }, Action: ["sts:AssumeRole", "sts:SetSourceIdentity"] }], is: "allowed" },
  { name: "a source identity may not be set where the trust does not speak of it", as: user, does: "sts:SetSourceIdentity", on: role, identity: [{ Action: "*" }], trust: trusts({ AWS: user.arn }), is: { missing: "trust" } },
  { name: "a trust may ask for a source identity by pattern", as: user, ...assume, trust: trusts({ AWS: user.arn }, { Condition: { StringLike: { "sts:SourceIdentity": "p_*" } } }), with: { "sts:SourceIdentity": "p_abc" }, is: "allowed" },
  { name: "a trust that asks for a source identity refuses its absence", as: user, ...assume, trust: trusts({ AWS: user.arn }, { Condition: { StringLike: { "sts:SourceIdentity": "p_*" } } }), is: { missing: "trust" } },
  { name: "a tag may be set with the value the trust names", as: user, does: "sts:TagSession", on: role, trust: [{ Principal: { AWS: user.arn }, Action: "sts:TagSession", Condition: { StringEquals: { "aws:RequestTag/team": "data" } } }], with: { "aws:RequestTag/team": "data", "aws:TagKeys": ["team"] }, is: "allowed" },
  { name: "a tag may not be set with another value", as: user, does: "sts:TagSession", on: role, trust: [{ Principal: { AWS: user.arn }, Action: "sts:TagSession", Condition: { StringEquals: { "aws:RequestTag/team": "data" } } }], with: { "aws:RequestTag/team": "ops", "aws:TagKeys": ["team"] }, is: { missing: "trust" } },
  { name: "the transitive keys a trust lists may be transitive", as: user, does: "sts:TagSession", on: role, trust: [{ Principal: { AWS: user.arn }, Action: "sts:TagSession", Condition: { "ForAllValues:StringEquals": { "sts:TransitiveTagKeys": ["team", "RoletrailMint"] } } }], with: { "sts:TransitiveTagKeys": ["RoletrailMint"] }, is: "allowed" },
  { name: "a transitive key that is not listed may not", as: user, does: "sts:TagSession", on: role, trust: [{ Principal: { AWS: user.arn }, Action: "sts:TagSession", Condition: { "ForAllValues:StringEquals": { "sts:TransitiveTagKeys": ["team"] } } }], with: { "sts:TransitiveTagKeys": ["team", "admin"] }, is: { missing: "trust" } },
  { name: "an organisation's accounts are let in by its id", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: "*" }, { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-abc1234567" } } }), with: { "aws:PrincipalOrgID": "o-abc1234567" }, is: "allowed" },
  { name: "another organisation's are not", as: user, ...assume, on: foreignRole, owner: away, identity: may, trust: trusts({ AWS: "*" }, { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-abc1234567" } } }), with: { "aws:PrincipalOrgID": "o-other" }, is: { missing: "trust" } },
  { name: "a trust may name its caller by aws:PrincipalArn, which is the role's, with its path", as: session, ...assume, identity: may, trust: trusts( { AWS: home }, { Condition: { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${home}:role/service/*` } } }, ), is: "allowed" },
  { name: "a service is let in by its name and needs nothing else", as: lambda, ...assume, owner: home, trust: trusts({ Service: "lambda.amazonaws.com" }), is: "allowed" },
  { name: "another service is not", as: lambda, ...assume, owner: home, trust: trusts({ Service: "ec2.amazonaws.com" }), is: { missing: "trust" } },
  { name: "AWS star does not name services", as: lambda, ...assume, owner: home, trust: trusts({ AWS: "*" }), is: { missing: "trust" } },
  { name: "a token of the trusted issuer for this role is let in", ...exchange, with: claims, trust: signed(), is: "allowed" },
  { name: "a token without the mint's tag is not", ...exchange, with: untagged, trust: signed(), is: { missing: "trust" } },
  { name: "a token with other tags of ours and not the mint's is not", ...exchange, with: { ...untagged, "aws:RequestTag/team": "data", "aws:TagKeys": ["team"] }, trust: signed(), is: { missing: "trust" } },
  { name: "a token without tags is let in where the trust asks for all values of none", ...exchange, with: untagged, trust: signed({ Condition: { ...token, "ForAllValues:StringEquals": { "aws:TagKeys": ["RoletrailMint"] } } }), is: "allowed" },
  { name: "the person is set whether or not AWS shows the tags beside it", ...exchange, does: "sts:SetSourceIdentity", with: untagged, trust: signed(), is: "allowed" },
  { name: "a token for another audience is not", ...exchange, with: { ...claims, "issuer.roletrail.test:aud": "other" }, trust: signed(), is: { missing: "trust" } },
  { name: "a token for another role is not", ...exchange, with: { ...claims, "issuer.roletrail.test:sub": `${home}:Admin:p7` }, trust: signed(), is: { missing: "trust" } },
  { name: "a token for another role would pass a trust that asks the audience alone", ...exchange, with: { ...claims, "issuer.roletrail.test:sub": `${home}:Admin:p7` }, trust: signed({ Condition: { StringEquals: { "issuer.roletrail.test:aud": "sts.amazonaws.com" } } }), is: "allowed" },
  { name: "a tag the trust does not list keeps the token out", ...exchange, with: { ...claims, "aws:TagKeys": ["RoletrailMint", "admin"] }, trust: signed(), is: { missing: "trust" } },
  { name: "a token of another issuer is not let in", ...exchange, as: { type: "Federated", provider: `arn:aws:iam::${home}:oidc-provider/evil.test` }, with: claims, trust: signed(), is: { missing: "trust" } },
  { name: "one issuer's claims do not stand for another's", ...exchange, with: { "evil.test:aud": "sts.amazonaws.com", "evil.test:sub": `${home}:ReadOnly:p7` }, trust: signed(), is: { missing: "trust" } },
  { name: "a federated trust does not let in AWS principals", as: user, ...assume, does: "sts:AssumeRoleWithWebIdentity", with: claims, identity: [{ Action: "*" }], trust: signed(), is: { missing: "trust" } },
  { name: "nobody is let in by a trust for somebody", as: anonymous, ...assume, owner: home, trust: trusts({ AWS: home }), is: { missing: "trust" } },
  { name: "the root user passes on its own account's trust", as: root, ...assume, trust: trusts({ AWS: home }), is: "allowed" },
  { name: "an action in any case is the same action", as: user, does: "STS:assumerole", on: role, trust: trusts({ AWS: user.arn }), is: "allowed" },
];
