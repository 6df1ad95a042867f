import { expect, test } from "vitest";
import { nearestMiss } from "#/core/iam/near.ts";
import { parsePolicy } from "#/core/iam/policy.ts";
import type { Context } from "#/core/iam/request.ts";
import { home, issuer, role, web } from "./people.ts";
import { type Document, documentText } from "./table.ts";

const action = "sts:AssumeRoleWithWebIdentity";
const audience = { StringEquals: { "issuer.roletrail.test:aud": "sts.amazonaws.com" } };
const subject = { StringLike: { "issuer.roletrail.test:sub": `${home}:ReadOnly:*` } };
const claims = { "issuer.roletrail.test:aud": "sts.amazonaws.com" };

const miss = (trust: Document, context: Context = claims, of = action) =>
  nearestMiss(
    { principal: web, action: of, resource: role, resourceAccount: home, context },
    parsePolicy(documentText(trust, "trust"), "trust"),
  );

const federated = (provider: string, more: object = {}) => ({
  Principal: { Federated: provider },
  Action: action,
  ...more,
});

test("a trust that names somebody else misses by its principal", () => {
  expect(miss([federated(`arn:aws:iam::${home}:oidc-provider/other.test`)])).toMatchObject({ element: "Principal" });
});

test("a trust without the action misses by it", () => {
  expect(miss([federated(issuer)], claims, "sts:TagSession")).toMatchObject({ element: "Action", conditions: [] });
});

test("of several statements the nearest is named, with what it asks and what it is given", () => {
  const trust = [
    federated(`arn:aws:iam::${home}:oidc-provider/other.test`),
    federated(issuer, { Sid: "Shipped", Condition: { ...audience, ...subject } }),
  ];
  expect(miss(trust, { ...claims, "issuer.roletrail.test:sub": `${home}:Admin:p` })).toEqual({
    sid: "Shipped",
    index: 1,
    element: "Condition",
    conditions: [
      {
        operator: "StringLike",
        key: "issuer.roletrail.test:sub",
        wanted: [`${home}:ReadOnly:*`],
        given: [`${home}:Admin:p`],
      },
    ],
  });
  expect(miss(trust)?.conditions[0]).toMatchObject({ given: undefined });
});

test("a trust that allows, or only denies, has no near miss", () => {
  expect(miss([federated(issuer, { Condition: audience })])).toBeUndefined();
  expect(miss([federated(issuer, { Effect: "Deny" })])).toBeUndefined();
});
