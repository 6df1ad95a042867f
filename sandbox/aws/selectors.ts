import { z } from "zod";
import type { JsonObject } from "./call.ts";
import type { Account, Organisation } from "./state.ts";

/** Whether an account's event selectors let a record into the trail. Accounts outside the organisation have a trail of their own. */
export function isSelected(organisation: Organisation, account: string, record: JsonObject): boolean {
  const holder = organisation.accounts.find((one) => one.id === account);
  if (holder === undefined || holder.outside === true) return false;
  return selectorsOf(holder).some((selector) =>
    "FieldSelectors" in selector ? advancedFits(selector, record) : basicFits(selector, record),
  );
}

export const BasicSelector = z.object({
  ReadWriteType: z.enum(["All", "ReadOnly", "WriteOnly"]).default("All"),
  IncludeManagementEvents: z.boolean().default(true),
  DataResources: z
    .array(z.object({ Type: z.enum(["AWS::S3::Object"]), Values: z.array(z.string()).max(250) }))
    .default([]),
  ExcludeManagementEventSources: z.array(z.string()).default([]),
});

const words = z.array(z.string().min(1)).min(1).max(500).optional();

export const FieldSelector = z.object({
  Field: z.enum(["readOnly", "eventSource", "eventName", "eventCategory", "resources.type", "resources.ARN"]),
  Equals: words,
  StartsWith: words,
  EndsWith: words,
  NotEquals: words,
  NotStartsWith: words,
  NotEndsWith: words,
});

export const AdvancedSelector = z.object({
  Name: z.string().max(1_000).optional(),
  FieldSelectors: z.array(FieldSelector).min(1),
});

export type Selector = z.infer<typeof BasicSelector> | z.infer<typeof AdvancedSelector>;

export function selectorsOf(account: Account): readonly Selector[] {
  const known = parsed.get(account.eventSelectors);
  if (known !== undefined) return known;
  const selectors = account.eventSelectors.map((one) => z.union([AdvancedSelector, BasicSelector]).parse(one));
  parsed.set(account.eventSelectors, selectors);
  return selectors;
}

// Every record asks. PutEventSelectors puts a new list in place, never changes one.
const parsed = new WeakMap<readonly unknown[], readonly Selector[]>();

function basicFits(selector: z.infer<typeof BasicSelector>, record: JsonObject): boolean {
  const wanted = selector.ReadWriteType;
  if (wanted !== "All" && (record["readOnly"] === true) !== (wanted === "ReadOnly")) return false;
  if (record["eventCategory"] !== "Data") {
    const isExcluded = selector.ExcludeManagementEventSources.includes(String(record["eventSource"]));
    return selector.IncludeManagementEvents && !isExcluded;
  }
  const arns = arnsOf(record);
  const values = selector.DataResources.flatMap((resource) => resource.Values);
  // `arn:aws:s3` alone stands for every bucket, `arn:aws:s3:::bucket/` for every object of one.
  return values.some((value) => arns.some((arn) => arn.startsWith(value) || `${arn}/` === value));
}

function advancedFits(selector: z.infer<typeof AdvancedSelector>, record: JsonObject): boolean {
  return selector.FieldSelectors.every((field) => {
    const values = valuesOf(field.Field, record);
    const some = (list: readonly string[] | undefined, test: (value: string, word: string) => boolean): boolean =>
      list === undefined || values.some((value) => list.some((word) => test(value, word)));
    const none = (list: readonly string[] | undefined, test: (value: string, word: string) => boolean): boolean =>
      list === undefined || !some(list, test);
    return (
      some(field.Equals, equals) &&
      some(field.StartsWith, startsWith) &&
      some(field.EndsWith, endsWith) &&
      none(field.NotEquals, equals) &&
      none(field.NotStartsWith, startsWith) &&
      none(field.NotEndsWith, endsWith)
    );
  });
}

const equals = (value: string, word: string): boolean => value === word;
const startsWith = (value: string, word: string): boolean => value.startsWith(word);
const endsWith = (value: string, word: string): boolean => value.endsWith(word);

function valuesOf(field: z.infer<typeof FieldSelector>["Field"], record: JsonObject): string[] {
  if (field === "resources.ARN") return arnsOf(record);
  if (field === "resources.type") return record["eventCategory"] === "Data" ? ["AWS::S3::Object"] : [];
  const value = record[field];
  return value === undefined || value === null ? [] : [String(value)];
}

const Resources = z.array(z.object({ ARN: z.string() })).catch([]);

/** The object first, then its bucket with a slash: how selectors name all objects of one. */
function arnsOf(record: JsonObject): string[] {
  return Resources.parse(record["resources"]).flatMap(({ ARN }) => (ARN.includes("/") ? [ARN] : [ARN, `${ARN}/`]));
}
