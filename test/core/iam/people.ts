import type { FederatedUser, IamUser, Principal, RoleSession } from "#/core/iam/request.ts";

export const home = "111122223333";
export const away = "444455556666";

export const user: IamUser = {
  type: "User",
  account: home,
  arn: `arn:aws:iam::${home}:user/people/mara`,
  name: "mara",
  id: "AIDAMARAMARAMARAMARA1",
  tags: { team: "data" },
};

export const session: RoleSession = {
  type: "AssumedRole",
  account: home,
  arn: `arn:aws:sts::${home}:assumed-role/Deploy/mara.k7`,
  roleArn: `arn:aws:iam::${home}:role/service/Deploy`,
  id: "AROADEPLOYDEPLOYDEPLO:mara.k7",
  tags: { team: "data", RoletrailMint: "m_01" },
};

export const federated: FederatedUser = {
  type: "FederatedUser",
  account: home,
  arn: `arn:aws:sts::${home}:federated-user/guest`,
  userArn: user.arn,
  id: `${home}:guest`,
};

export const root: Principal = { type: "Root", account: home, arn: `arn:aws:iam::${home}:root` };
export const lambda: Principal = { type: "Service", service: "lambda.amazonaws.com" };
export const anonymous: Principal = { type: "Anonymous" };
export const issuer = `arn:aws:iam::${home}:oidc-provider/issuer.roletrail.test`;
export const web: Principal = { type: "Federated", provider: issuer };

export const role = `arn:aws:iam::${home}:role/ReadOnly`;
export const foreignRole = `arn:aws:iam::${away}:role/ReadOnly`;
export const object = "arn:aws:s3:::reports/2026/q3.csv";
