import { readSettings } from "#/core/config.ts";

/** The sandbox process: sign-in provider on port + 1, AWS account on port + 2, both on 127.0.0.1. */
const settings = readSettings();
process.send?.({ ready: true, port: settings.ROLETRAIL_PORT });
process.on("disconnect", () => process.exit(0));
setInterval(() => undefined, 60_000);
