import type { Condition, NewRow } from "./index.ts";

/** A row's value as JSON, in UTF-8 bytes. DynamoDB takes items of 400 KB, keys and names included. */
export const valueBytesMax = 350_000;
/** DynamoDB's own limits of keys, in UTF-8 bytes. */
const partitionBytesMax = 2_048;
const sortBytesMax = 1_024;

/** The ledger takes new rows only: nothing in the product can replace or remove what stands there. */
export const isAppendOnly = (partition: string): boolean => partition === "ledger" || partition.startsWith("ledger#");

/** Whether a row can be under these keys at all: where it cannot, none is. */
export const isKey = (partition: string, sort: string): boolean =>
  partition !== "" &&
  sort !== "" &&
  Buffer.byteLength(partition) <= partitionBytesMax &&
  Buffer.byteLength(sort) <= sortBytesMax;

/**
 * The row's value as JSON, when every back-end could take the put.
 * @throws Error for a key or value over the limits, and for anything but a new, lasting row in the ledger.
 */
export function writableText(row: NewRow, condition: Condition): string {
  const { partition, sort, value, expires_at } = row;
  if (!isKey(partition, sort)) throw new Error(`${partition.slice(0, 60)}: a key is empty or too long`);
  if (isAppendOnly(partition) && (!("absent" in condition) || typeof expires_at === "number"))
    throw new Error(`${partition} takes new rows only, and keeps them`);
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > valueBytesMax)
    throw new Error(`${partition}: a row's value is over ${valueBytesMax} bytes`);
  return text;
}

/** @throws Error for a row of the ledger. */
export function expectRemovable(partition: string): void {
  if (isAppendOnly(partition)) throw new Error(`${partition} takes new rows only, and keeps them`);
}
