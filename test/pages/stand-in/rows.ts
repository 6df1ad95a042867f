import type { Rows } from "#/queries/catalogue.ts";

/** Made-up answers in the shapes of the catalogue, for the states of pages: much data, none, an error. */
const now = Date.parse("2026-11-21T09:42:00Z");
export const clock = (): number => Date.now();
const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

let seed = 7;
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
}
const pick = <Value>(from: readonly Value[]): Value => from[Math.floor(random() * from.length)] ?? (from[0] as Value);

export const people = [
  ["p_aaaaaaaaaaaaaaaa", "Mara Oyelaran"],
  ["p_bbbbbbbbbbbbbbbb", "Ilse Brandt"],
  ["p_cccccccccccccccc", "Teo Park"],
  ["p_dddddddddddddddd", "Jonas Weiss"],
  ["p_eeeeeeeeeeeeeeee", "Ana Ribeiro"],
  ["p_ffffffffffffffff", "Sam Okafor"],
] as const;
export const accounts = [
  { id: "111122223333", name: "prod-data" },
  { id: "444455556666", name: "prod-web" },
  { id: "777788889999", name: "staging" },
  { id: "999900001111", name: "org-root" },
  { id: "303040405050", name: "vendor-acme" },
];
const arn = (account: string, name: string): string => `arn:aws:iam::${account}:role/${name}`;
export const roles = [
  arn("111122223333", "DataAnalyst"),
  arn("444455556666", "ReadOnly"),
  arn("777788889999", "Operator"),
  arn("444455556666", "Deploy"),
  arn("111122223333", "DbAdmin"),
  arn("444455556666", "StackRole"),
  arn("303040405050", "PartnerExport"),
  arn("999900001111", "BackupVault"),
  arn("999900001111", "Billing"),
  // As long as IAM lets a name be, and without a place to break.
  arn("777788889999", `AWSReservedSSO_${"Administrators".repeat(4)}_0a1b2c3`.slice(0, 64)),
];
const supplier = "account:303040405050/AROAEXAMPLEEXAMPLE7Q4";
const longService = `service:${"replicator.".repeat(6)}amazonaws.com`;
const ways = ["broker", "broker", "broker", "broker", "service", "outside", "console", "no-record"] as const;

type Session = Rows["sessions"];

function session(index: number): Session {
  const way = pick(ways);
  const person = pick(people);
  const role = pick(roles);
  const issued = clock() - index * 3_000_000 - Math.floor(random() * 900_000);
  const calls = Math.floor(random() * 60);
  const denied = random() < 0.2 ? Math.ceil(random() * 3) : 0;
  const root =
    way === "broker"
      ? `web:issuer.roletrail.test/${person[0]}`
      : way === "service"
        ? pick(["service:backup.amazonaws.com", longService, "web:token.actions.githubusercontent.com/repo:acme/web"])
        : pick(["arn:aws:iam::777788889999:user/svc-legacy-export", supplier]);
  return {
    session_id: `s_${String(index)
      .padStart(4, "a")
      .replaceAll(/\d/g, (d) => "abcdefghij"[Number(d)] ?? "a")}${"x".repeat(16)}`,
    access_key_id: `ASIAZ7QX4M2LRT${String(index).padStart(6, "0")}`,
    issued_at: way === "no-record" ? null : iso(issued),
    caller: root,
    api: way === "no-record" ? null : way === "broker" ? "AssumeRoleWithWebIdentity" : "AssumeRole",
    role,
    session_name:
      index % 7 === 0 ? "n".repeat(64) : `${person[1].toLowerCase().replace(" ", ".")}.${person[0].slice(2)}`,
    calls,
    denied_calls: denied,
    first_call_at: calls === 0 ? null : iso(issued + 20_000),
    last_call_at: calls === 0 ? null : iso(issued + 3_000_000),
    sources: 1,
    parent_session_id: null,
    hops: random() < 0.15 ? 2 : 1,
    joined_by: "root",
    keys: 1,
    calls_ambiguous: 0,
    origin: way,
    way,
    made_by: way === "broker" ? "AssumeRoleWithWebIdentity" : "AssumeRole",
    caller_kind: way === "broker" ? "web-identity" : way === "service" ? "service" : "iam-user",
    account: role.slice(13, 25),
    expires_at: way === "no-record" ? null : iso(issued + pick([3600, 14_400, 43_200]) * 1000),
    person_id: way === "broker" ? person[0] : null,
    mint_id: way === "broker" ? "m_01kaa0000000000000000000aa" : null,
    root_caller: root,
    root_kind: way === "broker" ? "web-identity" : "iam-user",
    source_identity: way === "broker" ? person[0] : null,
    why: way === "no-record" ? "the log holds no issuing record" : null,
  };
}

const sessions: readonly Session[] = Array.from({ length: 640 }, (_, index) => session(index + 1));
export const firstSession = sessions[0]?.session_id ?? "";

type Params = Readonly<Record<string, string | number | boolean | null>>;

const listed = (params: Params): readonly Session[] => {
  const fitting = sessions.filter(
    (row) =>
      (params["include_services"] !== false || row.way !== "service") &&
      (params["role"] === undefined || row.role === params["role"]) &&
      (params["who"] === undefined || (row.person_id ?? row.root_caller) === params["who"]) &&
      (params["person"] === undefined || row.person_id === params["person"]) &&
      (params["live_at"] === undefined || (row.expires_at ?? "") > String(params["live_at"])),
  );
  return fitting.slice(0, Number(params["newest"] ?? 2000));
};

const days = Array.from({ length: 30 }, (_, index) => {
  const midnight = Math.floor(clock() / 86_400_000) * 86_400_000 - (29 - index) * 86_400_000;
  const weekend = [0, 6].includes(new Date(midnight).getUTCDay());
  const broker = Math.round((weekend ? 25 : 70) + random() * 40);
  return {
    at: iso(midnight),
    sessions: broker,
    people: Math.round(broker / 3),
    roles: Math.round(15 + random() * 10),
    denied: index === 22 ? 28 : Math.round(random() * 7),
    outside: index === 21 ? 6 : 0,
    broker,
    services: Math.round(30 + random() * 8),
    console: Math.round(random() * 3),
    no_record: 0,
  };
});

const matrix: Rows["assumption-matrix"][] = [
  ...people.flatMap(([id]) =>
    roles
      .filter(() => random() < 0.55)
      .map((role) => ({
        who: id,
        who_kind: "person",
        way: "broker",
        role,
        n: Math.ceil(random() * 60),
        failed: random() < 0.2 ? 2 : 0,
      })),
  ),
  { who: "p_aaaaaaaaaaaaaaaa", who_kind: "person", way: "refused", role: roles[6] ?? "", n: 0, failed: 22 },
  { who: "service:backup.amazonaws.com", who_kind: "service", way: "service", role: roles[7] ?? "", n: 90, failed: 0 },
  {
    who: "web:token.actions.githubusercontent.com/repo:acme/web",
    who_kind: "web-identity",
    way: "service",
    role: roles[3] ?? "",
    n: 381,
    failed: 0,
  },
  {
    who: "arn:aws:iam::777788889999:user/svc-legacy-export",
    who_kind: "iam-user",
    way: "outside",
    role: roles[2] ?? "",
    n: 7,
    failed: 1,
  },
  {
    who: "arn:aws:iam::777788889999:user/svc-legacy-export",
    who_kind: "iam-user",
    way: "outside",
    role: roles[4] ?? "",
    n: 6,
    failed: 0,
  },
  { who: supplier, who_kind: "unknown", way: "outside", role: roles[9] ?? "", n: 5, failed: 0 },
  { who: longService, who_kind: "service", way: "service", role: roles[9] ?? "", n: 300, failed: 2 },
].map(({ who, who_kind, way, role, n, failed }) => ({
  who,
  who_kind,
  way,
  role,
  role_account: role.slice(13, 25),
  succeeded: n,
  failed,
  outside: way === "outside" ? n : 0,
  hops_max: 1,
  first_at: iso(now - 20 * 86_400_000),
  last_at: iso(now),
}));

const denied = Array.from({ length: 188 }, (_, index): Rows["denied-assumptions"] => ({
  event_id: `e${index}`,
  happened_at: iso(clock() - index * 9_000_000),
  caller: index % 3 === 0 ? `arn:aws:iam::777788889999:user/svc-legacy-export` : (roles[index % roles.length] ?? ""),
  role: index % 11 === 0 ? null : (roles[(index * 5) % roles.length] ?? null),
  error_code: "AccessDenied",
  reason:
    "User: arn:aws:sts::777788889999:assumed-role/Operator/teo.park.p_cccc is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::303040405050:role/PartnerExport <script>alert(1)</script>",
  caller_kind: "iam-user",
  role_account: "303040405050",
  api: "AssumeRole",
  outcome: "denied",
  reason_class: pick(["trust-policy", "identity-policy", "explicit-deny", "scp"]),
  caller_session_id: index % 2 === 0 ? firstSession : null,
  source_ip: "185.220.101.4",
  user_agent: "aws-cli/2.31",
  region: "eu-central-1",
  who: index % 2 === 0 ? (people[index % people.length]?.[0] ?? null) : null,
}));

const calls = Array.from({ length: 31 }, (_, index): Rows["session-calls"] => {
  const start = Date.parse(sessions[0]?.issued_at ?? sessions[0]?.first_call_at ?? iso(clock() - 3_600_000));
  const bad = index === 28;
  return {
    event_id: `c${index}`,
    happened_at: iso(start + index * 60_000 + 9000),
    source: pick(["sts.amazonaws.com", "s3.amazonaws.com", "athena.amazonaws.com", "iam.amazonaws.com"]),
    name: pick(["GetCallerIdentity", "ListBuckets", "StartQueryExecution", "GetQueryResults", "AssumeRole"]),
    outcome: bad ? "denied" : "ok",
    error_code: bad ? "AccessDenied" : null,
    source_ip: "203.0.113.24",
    region: "eu-central-1",
    joined_by: "key",
    error_message: bad
      ? `User is not authorized to perform: athena:StartQueryExecution on resource: arn:aws:athena:eu-central-1:111122223333:workgroup/${"w".repeat(128)} with an explicit deny in an identity-based policy`
      : null,
    user_agent: "aws-cli/2.31",
    account: "111122223333",
    access_key_id: "ASIAZ7QX4M2LRT000001",
    invoked_by: index === 9 ? "athena.amazonaws.com" : null,
    read_only: true,
    category: "Management",
    role: index === 12 ? (roles[6] ?? null) : null,
    opened_session_id: index === 12 ? (sessions[4]?.session_id ?? null) : null,
    session_id: firstSession,
  };
});

const whole = (row: Session): Rows["session"] => ({
  ...row,
  issuance_id: "e1",
  seconds: 43_200,
  principal_id: "AROAEXAMPLE:mara",
  root_session_id: row.session_id,
  calls_by_key: row.calls,
  calls_by_principal: 0,
  source_ips: ["203.0.113.24"],
  user_agents: ["aws-cli/2.31 md/awscrt#0.27"],
  services: ["sts", "s3"],
  children: 1,
  mfa: null,
  external_id: null,
  session_policy: null,
  tags: [],
  issue_source_ip: "127.0.0.1",
  issue_user_agent: "roletrail",
  issue_event_ids: ["e1"],
  mint_match: row.mint_id === null ? null : "key",
  road: "web-identity",
});

export function rowsOf(question: string, params: Params): readonly object[] {
  const answers: Readonly<Record<string, () => readonly object[]>> = {
    sessions: () => listed(params),
    session: () =>
      sessions
        .filter((row) => row.session_id === params["session"] || row.access_key_id === params["session"])
        .map(whole),
    "session-calls": () => calls,
    "session-lineage": () =>
      sessions
        .filter((row) => row.session_id === params["session"])
        .flatMap((row) => [
          { ...row, step: 1, parent_key_id: null, event_id: "e1" },
          ...(row.hops > 1
            ? [
                {
                  ...row,
                  step: 2,
                  role: roles[6],
                  joined_by: "key",
                  parent_key_id: "ASIAZ7QX4M2LRT000009",
                  event_id: "e2",
                },
              ]
            : []),
        ]),
    "session-lives": () =>
      String(params["sessions"] ?? "")
        .split(",")
        .flatMap((id) => sessions.filter((row) => row.session_id === id))
        .map((row) => ({
          session_id: row.session_id,
          starts_at: row.issued_at ?? row.first_call_at ?? iso(now),
          ends_at: row.expires_at ?? iso(now),
          ticks: Array.from({ length: Math.min(12, row.calls) }, (_, index) => [
            Math.floor(40 + index * 240 + (Number.parseInt(row.access_key_id?.slice(-3) ?? "1", 10) % 7) * index * 20),
            1,
            index < row.denied_calls ? 1 : 0,
          ]),
        })),
    "overview-figures": () => [
      {
        sessions: 3412,
        sessions_before: 3280,
        service_sessions: 980,
        people: 41,
        callers: 6,
        roles: 29,
        denied: 188,
        denied_last_day: 14,
        outside: 7,
        outside_keys: 1,
        outside_roles: 2,
        console: 31,
        no_record: 0,
        broker: 3100,
        calls: 84_212,
        live: 12,
        minted: 3104,
        minted_never_seen: 0,
      },
    ],
    "overview-days": () => days,
    "assumptions-over-time": () => days,
    "look-first": () => [
      {
        kind: "outside",
        times: 6,
        who: "arn:aws:iam::777788889999:user/svc-legacy-export",
        role: roles[4],
        role_account: "111122223333",
        at: iso(now - 8 * 86_400_000),
        session_id: firstSession,
        detail: "185.220.101.4",
      },
      {
        kind: "refused",
        times: 22,
        who: "p_aaaaaaaaaaaaaaaa",
        role: roles[6],
        role_account: "303040405050",
        at: iso(now),
        session_id: null,
        detail: "trust-policy",
      },
      {
        kind: "first-seen",
        times: 1,
        who: "p_cccccccccccccccc",
        role: roles[7],
        role_account: "999900001111",
        at: iso(now),
        session_id: firstSession,
        detail: "3",
      },
      {
        kind: "long",
        times: 4,
        who: null,
        role: roles[0],
        role_account: "111122223333",
        at: iso(now),
        session_id: firstSession,
        detail: "12",
      },
    ],
    "assumption-flow": () => [
      ...people.map(([id], index) => ({
        hop: 1,
        source: id,
        source_kind: "person",
        target: roles[index % 4],
        way: "broker",
        sessions: 12 + index * 9,
      })),
      {
        hop: 1,
        source: "web:token.actions.githubusercontent.com/repo:acme/web",
        source_kind: "web-identity",
        target: roles[3],
        way: "service",
        sessions: 38,
      },
      {
        hop: 1,
        source: "arn:aws:iam::777788889999:user/svc-legacy-export",
        source_kind: "iam-user",
        target: roles[2],
        way: "outside",
        sessions: 7,
      },
      // Whoever writes to the log chooses the name.
      { hop: 1, source: "__proto__", source_kind: "unknown", target: roles[2], way: "outside", sessions: 3 },
      { hop: 2, source: roles[2], source_kind: "role", target: roles[1], way: "broker", sessions: 9 },
      { hop: 2, source: roles[2], source_kind: "role", target: roles[4], way: "broker", sessions: 12 },
      { hop: 2, source: roles[3], source_kind: "role", target: roles[5], way: "service", sessions: 38 },
      { hop: 2, source: roles[0], source_kind: "role", target: roles[6], way: "broker", sessions: 6 },
      { hop: 3, source: roles[4], source_kind: "role", target: roles[7], way: "outside", sessions: 5 },
    ],
    "assumption-totals": () => [
      { callers: 41, roles: 29, succeeded: 3412, failed: 188, service_callers: 127, service_succeeded: 980 },
    ],
    "assumption-matrix": () => matrix.filter((row) => params["include_services"] !== false || row.way !== "service"),
    "who-assumed-which-role": () =>
      matrix.map((row) => ({
        caller: row.who,
        role: row.role,
        api: "AssumeRole",
        succeeded: row.succeeded,
        failed: row.failed,
        first_at: row.first_at,
        last_at: row.last_at,
        caller_kind: row.who_kind,
        role_account: row.role_account,
      })),
    "denied-assumptions": () => denied.slice(0, Number(params["newest"] ?? 2000)),
    "refusals-by-role": () =>
      denied
        .slice(0, 14)
        .map((row, index) => ({ ...row, times: 40 - index * 2, first_at: row.happened_at, last_at: row.happened_at })),
    "sessions-outside-the-broker": () =>
      sessions
        .filter((row) => row.way === "outside" || row.way === "no-record")
        .slice(0, 30)
        .map((row) => ({
          ...row,
          why: row.why ?? "AssumeRole by a long-term key, no mint of the ledger fits",
          source_ips: ["185.220.101.4"],
        })),
    "trail-summary": () => [
      {
        records: 240_402,
        distinct_events: 218_402,
        duplicates: 22_000,
        files: 5120,
        unreadable_files: 2,
        rejected_records: 1,
        first_event_at: iso(now - 30 * 86_400_000),
        last_event_at: iso(now),
        problems: [],
        loaded_files: 5110,
        empty_files: 8,
        accounts: 5,
        regions: 12,
        bytes: 412_000_000,
      },
    ],
    "trail-problems": () => [
      {
        file: "AWSLogs/o-abc/111122223333/CloudTrail/eu-central-1/2026/11/13/111122223333_CloudTrail_eu-central-1_20261113T0905Z_abcdefghijklmnop.json.gz",
        state: "unreadable",
        reason: "gzip ends early",
        bytes: 1200,
        records: null,
        rejected_records: null,
        first_seen_at: iso(now),
      },
      {
        file: "AWSLogs/o-abc/444455556666/CloudTrail/eu-central-1/2026/11/14/444455556666_x.json.gz",
        state: "loaded",
        reason: "record 12 has no eventID",
        bytes: 1200,
        records: 41,
        rejected_records: 1,
        first_seen_at: iso(now),
      },
    ],
    "trail-coverage": () =>
      days.flatMap((day, index) =>
        index === 11
          ? []
          : accounts.map(({ id }) => ({
              day: day.at.slice(0, 10),
              account: id,
              regions: 4,
              files: 30,
              bytes: 2_400_000,
              records: 1400,
              duplicates: 120,
              delay_p50_s: 190,
              delay_p95_s: 620,
            })),
      ),
    find: () =>
      String(params["text"] ?? "").includes("legacy")
        ? [
            {
              kind: "caller",
              id: "arn:aws:iam::777788889999:user/svc-legacy-export",
              label: "arn:aws:iam::777788889999:user/svc-legacy-export",
              account: null,
              last_at: iso(now),
              sessions: 13,
            },
          ]
        : [],
    "role-history": () => [],
    "mint-reconciliation": () => [],
  };
  return answers[question]?.() ?? [];
}
