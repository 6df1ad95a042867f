import type { AccountKey } from "./accounts.ts";
import { longTermKey, userArn, userId } from "./organisation.ts";
import { type UserRef, userIdentity, type Where } from "./shapes.ts";
import type { Asker } from "./sts.ts";

export const userRef = (account: AccountKey, name: string): UserRef => ({
  account,
  name,
  arn: userArn(account, name),
  id: userId(account, name),
});

export const userAsker = (user: UserRef, where: Where, key = longTermKey(user.account, user.name)): Asker => ({
  account: user.account,
  identity: userIdentity(user, key),
  name: user.arn,
  principalId: user.id,
  arn: user.arn,
  where,
});

export const dashboards = {
  ip: "192.0.2.44",
  agent: "aws-sdk-java/1.11.1034 Linux/4.14 OpenJDK_64-Bit_Server_VM/25.292 java/1.8.0_292",
};
