import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Range } from "./index.ts";

/**
 * A range as DynamoDB's one condition on the sort key (`#s`). Between includes its end: the caller leaves that row out.
 * Null for a range that holds nothing, which DynamoDB would call an error.
 */
export function rangeOf({
  from,
  to,
  limit,
}: Range): { condition: string; values: Record<string, AttributeValue> } | null {
  const first = from === "" ? undefined : from;
  if (limit === 0 || to === "" || (first !== undefined && to !== undefined && !isBefore(first, to))) return null;
  if (first !== undefined && to !== undefined)
    return { condition: " and #s between :from and :to", values: { ":from": { S: first }, ":to": { S: to } } };
  if (first !== undefined) return { condition: " and #s >= :from", values: { ":from": { S: first } } };
  if (to !== undefined) return { condition: " and #s < :to", values: { ":to": { S: to } } };
  return { condition: "", values: {} };
}

/** In byte order, as keys are sorted. */
const isBefore = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
