/// <reference path="../.sst/platform/config.d.ts" />
import { pages } from "./facts.ts";
import { all } from "./functions.ts";
import { nameOf } from "./lambda.ts";
import { budgetDollars } from "./settings.ts";
import { topic } from "./topic.ts";

/** A fault is something nobody decided: one is looked at. Refusals are answers, and no errors of Lambda. */
for (const [name, each] of Object.entries(all)) {
  const alarm = (what: string, metricName: string, description: string): void => {
    new aws.cloudwatch.MetricAlarm(`${name[0]?.toUpperCase()}${name.slice(1)}${what}`, {
      name: `${nameOf(name)}-${what.toLowerCase()}`,
      alarmDescription: description,
      namespace: "AWS/Lambda",
      metricName,
      dimensions: { FunctionName: each.name },
      statistic: "Sum",
      period: 300,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
      alarmActions: [topic.arn],
    });
  };
  alarm("Errors", "Errors", `${name} failed: docs/runbook.md, "${name}"`);
  alarm("Throttles", "Throttles", `${name} turned calls away: docs/runbook.md, "${name}"`);
}

/** No facts for half an hour: charts stand still, and nobody would see it from the charts. */
new aws.cloudwatch.MetricAlarm("FactsStandStill", {
  name: `${nameOf("facts")}-stand-still`,
  alarmDescription: `The facts function did not run: docs/runbook.md, "facts"`,
  namespace: "AWS/Lambda",
  metricName: "Invocations",
  dimensions: { FunctionName: all.facts.name },
  statistic: "Sum",
  period: 1800,
  evaluationPeriods: 1,
  threshold: 1,
  comparisonOperator: "LessThanThreshold",
  treatMissingData: "breaching",
  alarmActions: [topic.arn],
});

/** 200 GB of panels in an hour is a dollar: somebody asks in a circle. */
new aws.cloudwatch.MetricAlarm("PagesScanMuch", {
  name: `${nameOf("pages")}-scan-much`,
  alarmDescription: `Pages scanned over 200 GB ($1) within an hour: docs/runbook.md, "ask"`,
  namespace: "AWS/Athena",
  metricName: "ProcessedBytes",
  dimensions: { WorkGroup: pages.name },
  statistic: "Sum",
  period: 3600,
  evaluationPeriods: 1,
  threshold: 200 * 1024 ** 3,
  comparisonOperator: "GreaterThanThreshold",
  treatMissingData: "notBreaching",
  alarmActions: [topic.arn],
});

new aws.budgets.Budget("Budget", {
  name: nameOf("month"),
  budgetType: "COST",
  timeUnit: "MONTHLY",
  limitAmount: String(budgetDollars),
  limitUnit: "USD",
  notifications: [
    {
      notificationType: "FORECASTED",
      comparisonOperator: "GREATER_THAN",
      threshold: 100,
      thresholdType: "PERCENTAGE",
      subscriberSnsTopicArns: [topic.arn],
    },
    {
      notificationType: "ACTUAL",
      comparisonOperator: "GREATER_THAN",
      threshold: 80,
      thresholdType: "PERCENTAGE",
      subscriberSnsTopicArns: [topic.arn],
    },
  ],
});
