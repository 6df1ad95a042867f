import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ListRolesCommand } from "@aws-sdk/client-iam";
import { expect, test } from "@playwright/test";
import { clients, keysFromShell, outcome } from "./aws.ts";
import { mintOnPage, revokeOnPage, rowOf, shows, signedIn } from "./people.ts";
import { startProduct } from "./product.ts";
import { shared } from "./world.ts";

/** The organisation without its past: a world of its own that is ready in seconds. */
function organisationOnly(): string {
  const home = mkdtempSync(path.join(tmpdir(), "roletrail-delay-"));
  const world = path.join(home, "sandbox");
  mkdirSync(world, { mode: 0o700 });
  for (const each of ["access.yaml", "aws.json", "admin-key.json", "issuer", "secrets", "story-truth.json"])
    cpSync(path.join(shared().world, each), path.join(world, each), { recursive: true });
  return home;
}

test("where the trail is a minute late, a revocation stays quiet for that minute and then turns bitten", async ({
  browser,
}) => {
  test.setTimeout(600_000);
  const home = organisationOnly();
  const product = await startProduct(["--delivery-delay-seconds", "60"], { home });
  const { run } = product;
  try {
    const role = { account: "111122223333", name: "DataEngineer" };
    const mara = await signedIn(browser, run, "Mara Oyelaran");
    const ilse = await signedIn(browser, run, "Ilse Brandt");
    const used = keysFromShell(await mintOnPage(mara.page, run, role, "a pipeline to repair"));
    const silent = keysFromShell(await mintOnPage(mara.page, run, role, "a second shell"));
    const call = () => outcome(clients(run.aws_url, used).iam.send(new ListRolesCommand({})));
    expect(await call()).toBe("allowed");

    // The trail knows of neither session yet; the ledger does.
    await ilse.page.goto(`${run.app_url}/roles/${role.account}/${role.name}/revoke`);
    await revokeOnPage(ilse.page, "a laptop was left on a train");
    expect(await call()).toMatch(/^AccessDenied/);
    const denied = Date.now();

    const revocation = ilse.page.url();
    const heading = ilse.page.getByRole("heading", { level: 1 });
    while (Date.now() - denied < 50_000) {
      await ilse.page.goto(revocation);
      const looked = Date.now() - denied;
      await expect(heading, `${looked} ms after the denial`).toContainText("0 of 2 bitten");
      await expect(await rowOf(ilse.page, run, used)).toContainText(/quiet/);
      await ilse.page.waitForTimeout(5_000);
    }
    await shows(
      ilse.page,
      revocation,
      () => expect(heading).toContainText("1 of 2 bitten", { timeout: 1_000 }),
      90_000,
    );
    expect(Date.now() - denied).toBeGreaterThan(58_000);
    await expect(await rowOf(ilse.page, run, used)).toContainText("bitten");
    await expect(await rowOf(ilse.page, run, silent)).not.toContainText("bitten");
    await mara.context.close();
    await ilse.context.close();
  } finally {
    await product.stop();
    rmSync(home, { recursive: true, force: true });
  }
});
