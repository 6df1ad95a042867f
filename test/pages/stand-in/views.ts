import type { Answer } from "#/core/wire.ts";
import { accounts, firstSession, people, roles, rowsOf } from "./rows.ts";

const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const soon = (seconds: number): string => iso(Date.now() + seconds * 1000);

const person = {
  id: "p_aaaaaaaaaaaaaaaa",
  issuer: "https://signin.roletrail.test",
  claim: "mara",
  groups: ["data", "on-call"],
  groups_state: "complete",
  name: "Mara Oyelaran",
  authenticated_at: soon(-600),
  via: "browser",
};

export const session = {
  person,
  bond: null,
  renew_at: null,
  ends_at: soon(28_000),
  notices: [],
};

const named = (arn: string) => {
  const account = arn.slice(13, 25);
  return {
    arn,
    account,
    account_name: accounts.find(({ id }) => id === account)?.name ?? account,
    name: arn.slice(arn.indexOf("/") + 1),
  };
};

const roleView = (arn: string, index: number) => ({
  ...named(arn),
  description: index % 2 === 0 ? "Reads the warehouse" : null,
  road: "web-identity",
  seconds_max: [43_200, 14_400, 3600][index % 3],
  requires: index % 3 === 0 ? ["reason"] : [],
  external_id: index === 6,
  frozen_until: null,
});

const revocation = {
  revocation_id: "v_01kaa0000000000000000000aa",
  scope: "role",
  role: roles[0],
  asked_by: people[1][0],
  asked_by_name: people[1][1],
  reason: "Key AKIA…Q7 used from an unknown network",
  asked_at: soon(-1830),
  cutoff: soon(-1800),
  frozen_until: soon(-1799),
  stored_at: soon(-1829),
  read_back_at: soon(-1828),
  policy_name: "AWSRevokeOlderSessions",
  policy: JSON.stringify(
    {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Action: ["*"],
          Resource: ["*"],
          Condition: { DateLessThan: { "aws:TokenIssueTime": soon(-1800) } },
        },
      ],
    },
    null,
    2,
  ),
  failure: null,
  hits: 5,
};

const counts = { sessions: 5, bitten: 1, denied_otherwise: 0, quiet: 3, waiting: 0, expired: 1, leaked: 0 };
const states = ["bitten", "quiet", "quiet", "quiet", "expired"] as const;

const hits = (state: boolean) =>
  [0, 1, 2, 3, 4].map((index) => ({
    session_id: index === 0 ? firstSession : `s_${"abcde"[index]}${"y".repeat(19)}`,
    access_key_id: "ASIAZ7QX4M2LRT000001",
    origin: ["broker", "broker", "service", "outside", "broker"][index],
    caller: [
      "web:issuer.roletrail.test/p_aaaa",
      "web:issuer.roletrail.test/p_e",
      "service:glue.amazonaws.com",
      "arn:aws:iam::777788889999:user/svc-legacy-export",
      "x",
    ][index],
    session_name: null,
    person_name: [people[0][1], people[4][1], null, null, people[3][1]][index],
    issued_at: soon(-9000 - index * 1500),
    expires_at: soon(6000 + index * 2400),
    last_call_at: soon(-600),
    state: state ? states[index] : "waiting",
    evidence:
      state && index === 0
        ? {
            event_id: "e",
            happened_at: soon(-900),
            name: "StartQueryExecution",
            source: "athena.amazonaws.com",
            error_message: "explicit deny",
          }
        : null,
  }));

const line = { revocation, ...{ account_name: "prod-data", role_name: "DataAnalyst" }, counts };

export function viewOf(view: string, params: Readonly<Record<string, string>>, empty: boolean): object {
  const views: Readonly<Record<string, () => object>> = {
    me: () => ({
      person,
      powers: [
        { power: "revoke", accounts: "*" },
        { power: "see-all", accounts: "*" },
        { power: "ask-sql", accounts: "*" },
      ],
      world: "sandbox",
      simulated: true,
      complete_up_to: soon(-120),
      mints: true,
      accounts,
    }),
    roles: () => ({ roles: empty ? [] : roles.slice(0, 7).map(roleView), groups: ["data", "on-call"] }),
    role: () => {
      const arn =
        roles.find((one) => one.includes(params["account"] ?? "") && one.endsWith(`/${params["name"]}`)) ??
        roles[0] ??
        "";
      return {
        role: roleView(arn, 0),
        ...named(arn),
        may_revoke: true,
        may_see: true,
        frozen_until: null,
        checks: [
          {
            check: "grant",
            state: "will-work",
            sentence: "Your group data may take this role for 12 h.",
            help: "grant analysts",
          },
          {
            check: "cap",
            state: "will-work",
            sentence: "The role allows sessions of 12 h.",
            help: "MaxSessionDuration 43200",
          },
          {
            check: "trust",
            state: "will-work",
            sentence: "Its trust policy accepts this broker, your tags and your identity.",
            help: "aud, sub, sts:TagSession, sts:SetSourceIdentity",
          },
          { check: "freeze", state: "will-work", sentence: "Nothing is frozen or revoked here.", help: null },
          {
            check: "data",
            state: "unknown",
            sentence: "S3 object reads will not show in the trail.",
            help: "no data events are recorded for prod-data",
          },
        ],
        revocations: [line],
      };
    },
    "revoke-preview": () => ({
      ...named(roles[0] ?? ""),
      hits: empty ? [] : hits(false),
      cannot_stop: [
        "GetCallerIdentity still answers: AWS never denies it.",
        "A key outside the broker can assume the role anew; only its trust policy stops that.",
      ],
      policy_name: revocation.policy_name,
      policy: revocation.policy,
      cutoff: soon(30),
      headroom: { used: 200, max: 10_240, adds: 228 },
      refusal: null,
    }),
    revocations: () => ({ revocations: empty ? [] : [line] }),
    revocation: () => ({ revocation, sessions: hits(true), counts }),
    mint: () => ({
      mint_id: "m_01kaa0000000000000000000aa",
      person_id: people[0][0],
      person_name: people[0][1],
      role: roles[0],
      road: "web-identity",
      reason: "quarterly churn report",
      session_policy: null,
      seconds: 43_200,
      intended_at: soon(-3600),
      issued_at: soon(-3600),
      expires_at: soon(39_000),
      outcome: "handed-over",
      access_key_id: "ASIAZ7QX4M2LRT000001",
      ledger: { shard: "mint-0", seq: 18_204, hash: "a".repeat(64) },
    }),
    names: () => ({ names: Object.fromEntries(people) }),
  };
  return views[view]?.() ?? {};
}

export const answerOf = (
  question: string,
  params: Readonly<Record<string, string | number | boolean | null>>,
  empty: boolean,
): Omit<Answer, "rows"> & { rows: readonly object[] } => ({
  question,
  columns: [],
  rows: empty && !zeros.has(question) ? [] : empty ? rowsOf(question, params).map(zeroed) : rowsOf(question, params),
  complete_up_to: soon(-120),
  since: null,
  until: null,
  accounts: 5,
  events: empty ? 0 : 218_402,
  bytes: 1_900_000,
  milliseconds: 14,
  cached: false,
  sql: "",
  dollars: 0,
  query_id: null,
});

/** Questions of one row, which answer nought and not nothing. */
const zeros = new Set(["overview-figures", "assumption-totals", "trail-summary"]);

const zeroed = (row: object): object =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === "number" ? 0 : value]));

/** Hand-written SQL: what is no select is refused, `many` has many rows, `nothing` none. */
export function sqlOf(sql: string): { code: number; body: object } {
  if (!/^\s*select\b/i.test(sql)) {
    const detail = "The SQL is no single SELECT.";
    const cost = { bytes: 2_000_000_000, dollars: 0.01, query_id: "q-1" };
    return { code: 422, body: { code: "sql.refused", detail, help: "Write one SELECT.", cost, id: "q_1" } };
  }
  const rows = Array.from({ length: /many/.test(sql) ? 1_234 : /nothing/.test(sql) ? 0 : 3 }, (_, index) => ({
    user_agent: index === 1 ? '=HYPERLINK("https://x.test")' : "<script>alert(1)</script>",
    calls: 1_000 - index,
    region: index === 2 ? null : "eu-central-1",
  }));
  const columns = Object.entries({ user_agent: "VARCHAR", calls: "BIGINT", region: "VARCHAR" });
  const answer = answerOf("sql", {}, false);
  return {
    code: 200,
    body: {
      ...answer,
      sql,
      rows,
      columns: columns.map(([name, type]) => ({ name, type })),
      query_id: "0f1e2d3c",
      dollars: 0.0049,
    },
  };
}
