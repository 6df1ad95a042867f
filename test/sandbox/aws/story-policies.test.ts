import { expect, test } from "vitest";
import { parsePolicy } from "#/core/iam/policy.ts";
import { managedPolicy } from "#/sandbox/aws/iam-managed.ts";
import type { Organisation } from "#/sandbox/aws/state.ts";
import { organisation } from "#/sandbox/story/organisation.ts";

/** The story is written without the evaluator; what it wrote must be what IAM would have taken. */
const world: Organisation = organisation();
const holders = world.accounts.flatMap((account) =>
  [...account.roles, ...account.users].map((holder) => ({ account, holder, name: `${account.name}/${holder.name}` })),
);

test("every policy of the story is of AWS's grammar", () => {
  const documents = [
    ...holders.flatMap(({ name, holder }) =>
      Object.entries(holder.inlinePolicies).map(
        ([policy, text]) => ({ of: `${name} ${policy}`, text, form: "identity" }) as const,
      ),
    ),
    ...world.accounts.flatMap(({ roles }) =>
      roles.map(({ name, trustPolicy }) => ({ of: `trust of ${name}`, text: trustPolicy, form: "trust" }) as const),
    ),
    ...world.accounts.flatMap(({ managedPolicies }) =>
      managedPolicies.map(({ arn, document }) => ({ of: arn, text: document, form: "identity" }) as const),
    ),
    ...world.accounts.flatMap(({ buckets }) =>
      buckets.flatMap(({ name, policy }) =>
        policy === undefined ? [] : [{ of: name, text: policy, form: "resource" } as const],
      ),
    ),
  ];
  const malformed = documents.flatMap(({ of, text, form }) => {
    try {
      parsePolicy(text, form);
      return [];
    } catch (error) {
      return [`${of}: ${String(error)}`];
    }
  });
  expect(documents.length).toBeGreaterThan(60);
  expect(malformed).toEqual([]);
});

test("every policy the story attaches is there", () => {
  const missing = holders.flatMap(({ account, holder, name }) =>
    [
      ...holder.attachedPolicyArns,
      ...(holder.permissionsBoundaryArn === undefined ? [] : [holder.permissionsBoundaryArn]),
    ]
      .filter((arn) => managedPolicy(account, arn) === undefined)
      .map((arn) => `${name} ${arn}`),
  );
  expect(missing).toEqual([]);
});

test("every user and role of ours that a trust names is there", () => {
  const known = new Set(
    world.accounts.flatMap((account) => [
      ...account.roles.map(({ name, path }) => `arn:aws:iam::${account.id}:role${path}${name}`),
      ...account.users.map(({ name, path }) => `arn:aws:iam::${account.id}:user${path}${name}`),
    ]),
  );
  const ids = new Set(world.accounts.map(({ id }) => id));
  const named = world.accounts.flatMap(({ roles }) =>
    roles.flatMap(({ trustPolicy }) => trustPolicy.match(/arn:aws:iam::\d{12}:(?:role|user)\/[^"]+/g) ?? []),
  );
  expect(named.filter((arn) => ids.has(arn.split(":")[4] ?? "") && !known.has(arn))).toEqual([]);
});
