/**
 * Finds the records of a file as CloudTrail writes it without parsing: some 8 GB/s against JSON.parse's 0.4
 * (facts/engine.md §2). Anything not exactly of that form answers null and takes the careful road
 * (queries/ingest/records.ts). A cut in the wrong place cannot hide: the halves are no JSON, so the counts differ.
 *
 * @returns where each record's opening brace is, and last the place behind the file's closing bracket: a record is all
 * but the last byte up to the next one.
 */
export function startsOf(bytes: Buffer): readonly number[] | null {
  if (bytes.length < head.length || bytes.compare(head, 0, head.length, 0, head.length) !== 0) return null;
  const end = lastRecordEnd(bytes);
  if (end === null) return null;
  const starts: number[] = [];
  for (let at = recordsStart - 2; at >= 0; at = bytes.indexOf(between, at + versionLength)) {
    if (!isVersion(bytes, at + 2)) return null;
    starts.push(at + 2);
  }
  starts.push(end + 1);
  // A line break between tokens would end the line early.
  const line = bytes.indexOf(newline, recordsStart);
  return line < 0 || line >= end ? starts : null;
}

const head = Buffer.from('{"Records":[{"eventVersion"');
const between = Buffer.from('},{"eventVersion"');
const recordsStart = '{"Records":['.length;
const [brace, bracket, newline, quote, comma] = [0x7d, 0x5d, 0x0a, 0x22, 0x2c];

/** Every record begins so; nothing reads the version, so a tag of the same length takes its place (lines.ts). */
export const versionLength = '{"eventVersion":"1.09",'.length;

const isVersion = (bytes: Buffer, start: number): boolean =>
  bytes[start + versionLength - 1] === comma &&
  bytes[start + versionLength - 2] === quote &&
  bytes[start + versionLength - 7] === quote;

/** Just behind the last record's brace, when the file ends `}]}` as it must. */
function lastRecordEnd(bytes: Buffer): number | null {
  let at = bytes.length - 1;
  const skipBlank = (): void => {
    while (at > 0 && (bytes[at] ?? 0) <= 0x20) at -= 1;
  };
  skipBlank();
  if (bytes[at] !== brace) return null;
  at -= 1;
  skipBlank();
  if (bytes[at] !== bracket || bytes[at - 1] !== brace) return null;
  return at;
}
