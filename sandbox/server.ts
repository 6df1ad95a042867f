import path from "node:path";
import { placesOf, readSettings } from "#/core/config.ts";
import { startAws } from "./aws/server.ts";
import { startSignin } from "./signin/provider.ts";
import { cast } from "./story/cast.ts";

/** The sandbox process: sign-in provider on port + 1, AWS account on port + 2, both on 127.0.0.1. */
const settings = readSettings();
const places = placesOf(settings);
const { ROLETRAIL_PORT: port } = settings;

const aws = await startAws({
  port: port + 2,
  world: places.world,
  delaySeconds: settings.ROLETRAIL_DELIVERY_DELAY_SECONDS,
  issuer: settings.ROLETRAIL_ISSUER,
  log: (text) => console.error(text),
});
const signin = await startSignin({
  port: port + 1,
  appPort: port,
  cast,
  company: "Northwharf",
  keysFile: path.join(places.secrets, "signin.json"),
});

// What the trail still holds back is delivered before the process ends: nothing that happened is lost.
const end = (): void => {
  void Promise.all([aws.close(), signin.close()]).finally(() => process.exit(0));
};
process.on("disconnect", end);
process.on("SIGTERM", end);
process.on("SIGINT", end);
// The start prints who can sign in, and run.json tells outside programs.
const people = cast.map(({ sub, name, title, groups }) => ({ sub, name, title, groups }));
process.send?.({ ready: true, port, people });
