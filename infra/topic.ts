/// <reference path="../.sst/platform/config.d.ts" />
import { account, notify } from "./settings.ts";

/** Where people are told: alarms, the budget, and what the notify function has to say. */
export const topic = new aws.sns.Topic("Notices", { name: `roletrail-${$app.stage}-notices` });
new aws.sns.TopicPolicy("NoticesPolicy", {
  arn: topic.arn,
  policy: $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AlarmsAndBudgetTell",
        Effect: "Allow",
        Principal: { Service: ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] },
        Action: "sns:Publish",
        Resource: topic.arn,
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      },
    ],
  }),
});
new aws.sns.TopicSubscription("NoticesByMail", { topic: topic.arn, protocol: "email", endpoint: notify });
