import path from "node:path";
import { placesOf, readSettings } from "#/core/config.ts";
import { startSignin } from "./signin/provider.ts";
import { cast } from "./story/cast.ts";

/** The sandbox process: sign-in provider on port + 1, AWS account on port + 2, both on 127.0.0.1. */
const settings = readSettings();
const places = placesOf(settings);
const { ROLETRAIL_PORT: port } = settings;

process.on("disconnect", () => process.exit(0));
await startSignin({
  port: port + 1,
  appPort: port,
  cast,
  company: "Northwharf",
  keysFile: path.join(places.secrets, "signin.json"),
});
process.send?.({ ready: true, port });
