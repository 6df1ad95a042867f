import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

/** A word to people who are not looking: plain text, for mail and chat alike. */
export interface Notice {
  readonly subject: string;
  readonly text: string;
}

/** More at once is a flood: it is told as one. */
export const noticesMax = 20;

/** What others wrote stands in one line, as text, and is never the whole message. */
export const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").slice(0, 2_000);

/** Resolves once the message was accepted. @throws what the SDK throws. */
export type Notify = (notice: Notice) => Promise<void>;

/** @param topic ARN of the SNS topic; who gets it is the topic's own list. */
export function notifyBySns(topic: string, client: SNSClient = new SNSClient({ maxAttempts: 3 })): Notify {
  return async ({ subject, text }) => {
    await client.send(new PublishCommand({ TopicArn: topic, Subject: subjectOf(subject), Message: text }));
  };
}

/** SNS takes ASCII of fewer than 100 characters, in one line. */
const subjectOf = (text: string): string => text.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, 99);
