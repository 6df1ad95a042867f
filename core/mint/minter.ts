import type { AccessFile, Road, Terms } from "../access.ts";
import type { ConsoleCredential } from "../console.ts";
import type { Ledger } from "../ledger.ts";
import type { Refusal } from "../refusal.ts";
import type { Store } from "../store/index.ts";
import type { Clearance } from "./checks.ts";
import type { Issued } from "./sts.ts";

/** The STS call by which a credential is made. */
export interface RoadCall {
  /** The longest session of this road for these terms, and why, in one sentence for the person. */
  cap(terms: Terms): Promise<{ readonly seconds_max: number; readonly why: string }>;
  /** Why nothing is minted by this road just now; null when it is. A road without it is always open. */
  closed?(): Promise<Refusal | null>;
  /** One session. Sends at most one request that could make one. @throws what the SDK throws. */
  call(clearance: Clearance): Promise<Issued>;
}

/** Outside things of the mint, built once a process. */
export interface Minter {
  readonly now: () => Date;
  /** Waits this many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  readonly access: () => AccessFile;
  readonly store: Store;
  /** Shard `mint-<n>`. */
  readonly ledger: Ledger;
  /** Roletrail's own issuer URL. */
  readonly issuer: string;
  readonly roads: Readonly<Record<Road, RoadCall>>;
  /** Why nothing is minted from the ledger as it is; null when it is whole. Left out where its heads are anchored nowhere. */
  readonly ledgerRefusal?: () => Promise<Refusal | null>;
  /** A console sign-in link for a credential of these terms. */
  readonly consoleUrl: (credential: ConsoleCredential, terms: Terms, seconds: number) => Promise<string>;
  /** AWS, when it is not at its own addresses (the sandbox). */
  readonly endpoint_url: string | undefined;
}
