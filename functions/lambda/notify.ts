import { tellNotices } from "#/core/notices.ts";
import { notifyBySns } from "#/core/notify.ts";
import { Refusal } from "#/core/refusal.ts";
import { openedOnce } from "../lambda-entry.ts";
import { openLambdaWorld } from "../lambda-world.ts";

const world = openedOnce(() => openLambdaWorld({ withAccess: false, withKeys: false }));

/** Each minute: what the ledger holds that people should know of goes to the topic they subscribe to. */
export const handler = async (): Promise<{ readonly told: number }> => {
  const { settings, store } = await world();
  const { ROLETRAIL_TOPIC: topic, ROLETRAIL_URL: url } = settings;
  if (topic === undefined || url === undefined)
    throw new Refusal("config.invalid", "This function needs ROLETRAIL_TOPIC and ROLETRAIL_URL.", {
      help: "See docs/config.md for both.",
    });
  return { told: await tellNotices(store, notifyBySns(topic), url) };
};
