import { Refusal } from "../refusal.ts";

/** After the SDK's own retries: DynamoDB asked to slow down. */
const busy = /^(ProvisionedThroughputExceeded|Throttling|ThrottlingException|RequestLimitExceeded|TransactionConflict)/;
/** No answer in time, no connection, or an answer that the service itself is in trouble. */
const down =
  /^(TimeoutError|AbortError|InternalServerError|ServiceUnavailable|NetworkingError|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN)/;

/**
 * What DynamoDB answered. Trouble that passes becomes a refusal that says so; a wrong table, key or permission stays the
 * error it is, and with it a fault in the log.
 *
 * @throws Refusal `store.busy`, `store.down`.
 */
export async function answered<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw refusalOf(error) ?? error;
  }
}

function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Error)) return null;
  const names = [error.name, "code" in error ? String(error.code) : ""];
  if (names.some((name) => busy.test(name)))
    return new Refusal("store.busy", "Roletrail's store is asked for more than it takes just now.", {
      help: "Try again in a few seconds.",
    });
  if (names.some((name) => down.test(name)) || statusOf(error) >= 500)
    return new Refusal("store.down", "Roletrail's store does not answer just now.", {
      help: "Try again in a minute; if it goes on, tell who runs Roletrail.",
    });
  return null;
}

function statusOf(error: object): number {
  const metadata: unknown = "$metadata" in error ? error.$metadata : undefined;
  return metadata instanceof Object && "httpStatusCode" in metadata ? Number(metadata.httpStatusCode) : 0;
}
