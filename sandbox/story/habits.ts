import type { AccountKey } from "./accounts.ts";
import type { Work } from "./actions.ts";
import { type CastMember, cast } from "./cast.ts";

/** One thing a person does with one role. */
export interface Habit {
  readonly account: AccountKey;
  readonly role: string;
  readonly grant: string;
  readonly kind: Work;
  /** Sessions on a working day. */
  readonly often: number;
  /** Calls of a session, on average. */
  readonly calls: number;
  readonly hours: readonly number[];
  readonly reasons?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** How often it is the AWS console that is opened. */
  readonly console?: number;
}

const dataReasons = [
  "quarterly churn report",
  "DATA-2214 late partitions",
  "pricing model refresh",
  "weekly numbers",
  "DATA-2270 duplicate orders",
  "supply forecast",
  "question from finance",
];
const shipReasons = [
  "release 4.16",
  "release 4.17",
  "release 4.18",
  "hotfix WEB-3301",
  "hotfix WEB-3318",
  "rollback of 4.17",
];
const callReasons = [
  "PAGE-881 checkout slow",
  "PAGE-902 search errors",
  "PAGE-913 disk of orders-2",
  "weekly restart",
  "PAGE-934 queue of mails",
  "fail-over exercise",
];
const tags = { team: "data" };

const byGroup: Readonly<Record<string, readonly Habit[]>> = {
  data: [
    {
      account: "prodData",
      role: "DataAnalyst",
      grant: "Data works in the lake",
      kind: "analysis",
      often: 0.75,
      calls: 26,
      hours: [4, 8, 12],
      reasons: dataReasons,
      tags,
    },
    {
      account: "prodData",
      role: "DataEngineer",
      grant: "Data works in the lake",
      kind: "pipelines",
      often: 0.3,
      calls: 30,
      hours: [8, 12],
      reasons: dataReasons,
      tags,
    },
    {
      account: "prodData",
      role: "ReadOnly",
      grant: "Data looks around",
      kind: "looking",
      often: 0.18,
      calls: 14,
      hours: [1, 12],
      console: 0.3,
    },
    {
      account: "vendor",
      role: "PartnerExport",
      grant: "Data delivers to Acme",
      kind: "looking",
      often: 0.025,
      calls: 0,
      hours: [1],
      reasons: ["delivery of the week", "late delivery to Acme"],
    },
  ],
  dba: [
    {
      account: "prodData",
      role: "DbAdmin",
      grant: "Databases",
      kind: "databases",
      often: 0.55,
      calls: 22,
      hours: [2, 4],
      reasons: ["DB-417 vacuum", "DB-431 slow query", "DB-440 minor upgrade", "capacity check"],
    },
  ],
  web: [
    {
      account: "prodWeb",
      role: "ReadOnly",
      grant: "The shop's engineers",
      kind: "looking",
      often: 0.6,
      calls: 22,
      hours: [4, 8, 12],
      console: 0.2,
    },
    {
      account: "staging",
      role: "Operator",
      grant: "The shop's engineers",
      kind: "operating",
      often: 0.5,
      calls: 28,
      hours: [4, 8],
    },
    {
      account: "staging",
      role: "Deploy",
      grant: "The shop's engineers",
      kind: "shipping",
      often: 0.2,
      calls: 20,
      hours: [1],
    },
  ],
  mobile: [
    {
      account: "prodWeb",
      role: "ReadOnly",
      grant: "The shop's engineers",
      kind: "looking",
      often: 0.4,
      calls: 12,
      hours: [4],
      console: 0.4,
    },
    {
      account: "staging",
      role: "Operator",
      grant: "The shop's engineers",
      kind: "operating",
      often: 0.3,
      calls: 16,
      hours: [4],
    },
  ],
  platform: [
    {
      account: "prodWeb",
      role: "Deploy",
      grant: "Releases",
      kind: "shipping",
      often: 0.55,
      calls: 34,
      hours: [1, 2, 4],
      reasons: shipReasons,
    },
    {
      account: "staging",
      role: "Operator",
      grant: "Platform looks around",
      kind: "operating",
      often: 0.35,
      calls: 20,
      hours: [4, 8],
    },
    {
      account: "prodData",
      role: "ReadOnly",
      grant: "Platform looks around",
      kind: "looking",
      often: 0.15,
      calls: 12,
      hours: [4],
      console: 0.3,
    },
    {
      account: "orgRoot",
      role: "OrganizationReader",
      grant: "Platform looks around",
      kind: "organising",
      often: 0.12,
      calls: 9,
      hours: [1, 4],
      console: 0.5,
    },
    {
      account: "orgRoot",
      role: "Billing",
      grant: "Costs",
      kind: "billing",
      often: 0.06,
      calls: 8,
      hours: [1],
      console: 0.7,
    },
  ],
  finance: [
    {
      account: "orgRoot",
      role: "Billing",
      grant: "Costs",
      kind: "billing",
      often: 0.8,
      calls: 14,
      hours: [4, 12],
      console: 0.7,
    },
  ],
  support: [
    {
      account: "staging",
      role: "SupportDesk",
      grant: "Support",
      kind: "supporting",
      often: 1.3,
      calls: 17,
      hours: [1],
    },
  ],
  audit: [
    {
      account: "security",
      role: "SecurityAudit",
      grant: "Audit",
      kind: "auditing",
      often: 0.25,
      calls: 14,
      hours: [4, 12],
    },
  ],
  security: [
    {
      account: "security",
      role: "SecurityAudit",
      grant: "Audit",
      kind: "auditing",
      often: 0.55,
      calls: 18,
      hours: [8, 12],
    },
    {
      account: "security",
      role: "LogReader",
      grant: "Incidents",
      kind: "analysis",
      often: 0.25,
      calls: 12,
      hours: [1],
      reasons: ["monthly review", "SEC-118 who opened the port", "SEC-121 odd sign-ins"],
    },
  ],
  staff: [
    {
      account: "playground",
      role: "Developer",
      grant: "Playground",
      kind: "playing",
      often: 0.07,
      calls: 16,
      hours: [4, 8, 12],
    },
  ],
  contractors: [
    {
      account: "playground",
      role: "Developer",
      grant: "Playground",
      kind: "playing",
      often: 0.8,
      calls: 24,
      hours: [8, 12],
    },
  ],
};

/** What whoever carries the pager does besides, also on Sundays. */
export const onCall: Habit = {
  account: "prodWeb",
  role: "Operator",
  grant: "On call",
  kind: "operating",
  often: 1.6,
  calls: 26,
  hours: [2, 4, 8],
  reasons: callReasons,
};

export const habitsOf = (person: CastMember): readonly Habit[] =>
  person.groups.flatMap((group) => byGroup[group] ?? []);

const carriers = cast.filter(({ groups }) => groups.includes("on-call"));

/** Two people a week, in turn. */
export const onCallIn = (week: number): readonly CastMember[] =>
  [carriers[(week * 2) % carriers.length], carriers[(week * 2 + 3) % carriers.length]].filter(
    (person) => person !== undefined,
  );
