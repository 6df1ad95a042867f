import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openLedger } from "#/core/ledger.ts";
import { assumeRole } from "#/core/mint/assume-role.ts";
import { type Issuer, openIssuer } from "#/core/mint/issuer.ts";
import { openKmsIssuer } from "#/core/mint/issuer-kms.ts";
import type { Minter } from "#/core/mint/minter.ts";
import { openPublication } from "#/core/mint/published.ts";
import { openSts } from "#/core/mint/sts.ts";
import { webIdentity } from "#/core/mint/web-identity.ts";
import type { Revoker } from "#/core/revoke.ts";
import { openRoleDoors } from "#/core/revoke-iam.ts";
import type { Store } from "#/core/store/index.ts";
import { openLibsqlStore } from "#/core/store/libsql.ts";
import { accessOf } from "./access.ts";
import type { Run } from "./run.ts";

/** Roletrail's own mint and revocation, with a store and a ledger that last as long as the run. */
export interface Broker {
  readonly minter: Minter;
  readonly revoker: Revoker;
  readonly store: Store;
  readonly issuer: Issuer | null;
  readonly close: () => Promise<void>;
}

/** @throws Refusal `issuer.unpublished` when AWS could not check its tokens. */
export async function openBroker(run: Run): Promise<Broker> {
  const { now, wait } = run.outside;
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-contract-"));
  const store = openLibsqlStore(path.join(home, "store.db"), { now: () => now().getTime() });
  const close = async (): Promise<void> => {
    await store.close();
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const issuer = await issuerOf(run, home, store);
    const sts = openSts(now);
    const access = accessOf(run);
    const common = { now, wait, access: () => access, store };
    const opened = async (): Promise<Issuer> => issuer ?? Promise.reject(new Error("this run has no issuer"));
    const roads = {
      "web-identity": webIdentity(sts, opened, { now, publication: null }),
      "assume-role": assumeRole(sts),
    };
    const ledger = openLedger(store, "mint-1", now);
    const consoleUrl = (): Promise<string> => Promise.reject(new Error("no console link is made here"));
    const minter: Minter = { ...common, ledger, issuer: issuer?.url ?? "", roads, consoleUrl, endpoint_url: undefined };
    const roleDoor = openRoleDoors(sts);
    const revoker: Revoker = {
      ...common,
      ledger: openLedger(store, "revoke-1", now),
      roleDoor,
      liveCount: async () => 1,
    };
    return { minter, revoker, store, issuer, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The key is read, never changed: its file is copied first, for whoever opens an issuer also rotates and publishes. */
async function issuerOf({ terms, outside }: Run, home: string, store: Store): Promise<Issuer | null> {
  if (terms.issuer === null) return null;
  const { url, key, isChecked } = terms.issuer;
  const folder = path.join(home, "issuer");
  const issuer = key.startsWith("arn:")
    ? await openKmsIssuer(url, { key, ledger: openLedger(store, "issuer-1", outside.now) })
    : await openIssuer(url, { file: copied(key, home), folder, now: outside.now });
  if (!isChecked) return issuer;
  const refusal = await openPublication(async () => issuer, { now: outside.now, folder, fetch }).refusal();
  if (refusal !== null) throw refusal;
  return issuer;
}

function copied(key: string, home: string): string {
  const file = path.join(home, "issuer.json");
  copyFileSync(key, file);
  return file;
}
