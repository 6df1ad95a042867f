import { setTimeout as wait } from "node:timers/promises";
import { accountOf, nameOf, type Terms } from "#/core/access.ts";
import { readAwsEndpoints } from "#/core/config.ts";
import { consoleDestination, consoleUrl, federationEndpoint } from "#/core/console.ts";
import { assumeRole } from "#/core/mint/assume-role.ts";
import type { Issuer } from "#/core/mint/issuer.ts";
import type { Minter } from "#/core/mint/minter.ts";
import type { Publication } from "#/core/mint/published.ts";
import { openSts } from "#/core/mint/sts.ts";
import { webIdentity } from "#/core/mint/web-identity.ts";
import type { LedgerGuard } from "#/core/reconcile.ts";
import { liveSessions } from "#/core/revocations.ts";
import type { Revoker } from "#/core/revoke.ts";
import { openRoleDoors, type RoleDoor } from "#/core/revoke-iam.ts";
import type { World } from "./world.ts";

/** What mints and revokes in AWS, made once a process. Where AWS is, and as whom, is the SDK's own environment. */
export interface Aws {
  readonly issuer: () => Promise<Issuer>;
  /** Null where AWS finds the issuer without its being published. */
  readonly publication: Publication | null;
  readonly minter: Minter;
  readonly revoker: Revoker;
  /** Null where no role of the account lets Roletrail look. */
  readonly roleDoor: (account: Terms["account"]) => RoleDoor | null;
}

/** On AWS the trail is a query away, which takes its second or two. */
const countMsMax = 4_000;

type Base = Pick<World, "settings" | "now" | "access" | "store" | "ledger" | "mints" | "trail">;

/**
 * @param openIssuer called once, when the issuer is first needed; again after it failed.
 * @param guard where the ledger's heads are anchored, whether it is whole.
 * @param openPublished how it is seen whether that issuer is published, where nothing else makes sure of it.
 */
export function openAws(
  world: Base,
  openIssuer: () => Promise<Issuer>,
  openPublished: (issuer: () => Promise<Issuer>) => Publication | null = () => null,
  guard: LedgerGuard | null = null,
): Aws {
  const { settings, now, access, store, ledger, mints, trail } = world;
  const sts = openSts(now);
  const endpoints = readAwsEndpoints();
  let opened: Promise<Issuer> | undefined;
  const issuer = (): Promise<Issuer> => {
    opened ??= openIssuer().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const publication = openPublished(issuer);
  const common = { now, wait: (ms: number) => wait(ms), access, store };
  const roleDoor = openRoleDoors(sts);
  const minter: Minter = {
    ...common,
    ledger: ledger("mint"),
    issuer: settings.ROLETRAIL_ISSUER,
    roads: { "web-identity": webIdentity(sts, issuer, { now, publication }), "assume-role": assumeRole(sts) },
    endpoint_url: endpoints.all,
    ...(guard === null ? {} : { ledgerRefusal: () => guard.refusal() }),
    consoleUrl: ({ access_key_id, secret, token }, { role, account }, seconds) =>
      consoleUrl(
        { access_key_id, secret, token },
        {
          endpoint: endpoints.federation ?? federationEndpoint(account.partition, account.region),
          issuer: `${settings.ROLETRAIL_URL ?? `http://localhost:${settings.ROLETRAIL_PORT}`}/roles/${accountOf(role.arn)}/${nameOf(role.arn)}`,
          destination: consoleDestination(account.partition, account.region),
          chained: role.road === "assume-role",
          seconds,
        },
      ),
  };
  const liveCount = async (role: string): Promise<number> => {
    await mints.refresh();
    const at = now().toISOString();
    const minted = mints.ofRole(role);
    const ofLedger = liveSessions(role, at, { trail: null, minted });
    if (trail.current === null) return (await ofLedger).length;
    // A number for the record: nobody waits for it who wants sessions ended, and no trouble of the trail's is in the way.
    const ofBoth = liveSessions(role, at, { trail: trail.current, minted }).catch(() => ofLedger);
    const late = wait(countMsMax, undefined, { ref: false }).then(() => ofLedger);
    return (await Promise.race([ofBoth, late])).length;
  };
  const revoker: Revoker = { ...common, ledger: ledger("revoke"), roleDoor, liveCount };
  return { issuer, publication, minter, revoker, roleDoor };
}
