import { awsId, Random } from "#/sandbox/story/random.ts";

/** The invented organisation of the benches: nothing of it is the sandbox's. */
export interface BenchWorld {
  readonly organisation: string;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  readonly roles: readonly BenchRole[];
  readonly people: readonly { readonly id: string; readonly name: string; readonly ip: string }[];
  readonly users: readonly {
    readonly account: string;
    readonly name: string;
    readonly id: string;
    readonly key: string;
  }[];
}

export interface BenchRole {
  readonly account: string;
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly kind: "person" | "service" | "chain" | "pipeline";
}

const accountCount = 20;
const rolesAnAccount = 18;
const personCount = 220;
const userCount = 40;

export const regions = ["eu-central-1", "us-east-1", "us-west-2", "ap-northeast-1"] as const;

const kinds = ["person", "person", "service", "chain", "person", "service", "pipeline", "chain", "person"] as const;
const words = ["Reader", "Operator", "Loader", "Broker", "Analyst", "Runner", "Deploy", "Vault", "Auditor"] as const;

export function benchWorld(seed: string): BenchWorld {
  const random = new Random("bench-world", seed);
  const accounts = Array.from({ length: accountCount }, (_, index) => `10${String(index).padStart(2, "0")}20003000`);
  return {
    organisation: "o-bench00000",
    accounts,
    regions,
    roles: accounts.flatMap((account) =>
      Array.from({ length: rolesAnAccount }, (_, index) => role(account, index, random)),
    ),
    people: Array.from({ length: personCount }, (_, index) => ({
      id: `p_${random.text("abcdefghijklmnopqrstuvwxyz234567", 16)}`,
      name: `person.${String(index).padStart(3, "0")}`,
      ip: `203.0.113.${index % 250}`,
    })),
    users: Array.from({ length: userCount }, (_, index) => ({
      account: accounts[index % accountCount] ?? "",
      name: `user-${String(index).padStart(2, "0")}`,
      id: awsId(random, "AIDA"),
      key: awsId(random, "AKIA"),
    })),
  };
}

function role(account: string, index: number, random: Random): BenchRole {
  const kind = kinds[index % kinds.length] ?? "person";
  const path = kind === "service" ? "/service-role/" : "/";
  const name = `${words[index % words.length]}${index < words.length ? "" : "Two"}`;
  return { account, name, arn: `arn:aws:iam::${account}:role${path}${name}`, id: awsId(random, "AROA"), kind };
}
