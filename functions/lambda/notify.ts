import { tellNotices } from "#/core/notices.ts";
import { tellOutside } from "#/core/notices-outside.ts";
import { notifyBySns } from "#/core/notify.ts";
import { Refusal } from "#/core/refusal.ts";
import { openLambdaOutside } from "#/core/trail-lambda.ts";
import { openedOnce } from "../lambda-entry.ts";
import { openLambdaWorld } from "../lambda-world.ts";

const world = openedOnce(() => openLambdaWorld({ withAccess: false, withKeys: false }));

/**
 * Each minute: what the ledger holds, and the trail shows past the broker, that people should know of goes to the topic they
 * subscribe to. A trail that does not answer keeps nothing of the ledger's back; then it throws into Lambda's error count.
 */
export const handler = async (): Promise<{ readonly told: number }> => {
  const { settings, store, now } = await world();
  const { ROLETRAIL_TOPIC: topic, ROLETRAIL_URL: url, ROLETRAIL_FUNCTIONS: functions } = settings;
  if (topic === undefined || url === undefined || functions === undefined)
    throw new Refusal("config.invalid", "This function needs ROLETRAIL_TOPIC, ROLETRAIL_URL and ROLETRAIL_FUNCTIONS.", {
      help: "See docs/config.md for each.",
    });
  const notify = notifyBySns(topic);
  const ofLedger = await tellNotices(store, notify, url);
  const ofTrail = await tellOutside({ store, trail: openLambdaOutside(`${functions}ask:notify`), notify, url, now });
  return { told: ofLedger + ofTrail };
};
