import type { Asker, AthenaQuery, AthenaResult } from "#/queries/engines/athena.ts";
import { rowOf } from "#/queries/engines/athena-rows.ts";

export interface Trino extends Asker {
  /** Every text that was sent, oldest first. */
  readonly sent: readonly string[];
}

/** A real Trino asked as Athena is: text, one literal for each `?`; rows out. Values come back as text, as Athena's do. */
export function openTrino(catalog: string, schema: string, url = process.env["TRINO_URL"] ?? ""): Trino {
  const sent: string[] = [];
  const query: Asker["query"] = (asked) => {
    sent.push(asked.sql);
    return ask(url, catalog, schema, asked);
  };
  return { database: schema, sent, query };
}

interface Page {
  readonly error?: { readonly message: string; readonly errorName: string };
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly data?: readonly (readonly unknown[])[];
  readonly nextUri?: string;
  readonly updateCount?: number;
}

async function ask(url: string, catalog: string, schema: string, query: AthenaQuery): Promise<AthenaResult> {
  const { sql, values = [] } = query;
  const headers = {
    "X-Trino-User": "test",
    "X-Trino-Catalog": catalog,
    "X-Trino-Schema": schema,
    "X-Trino-Time-Zone": "UTC",
    "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
  };
  // ExecutionParameters come to this: each is put in as a literal.
  const body =
    values.length === 0 ? sql : `execute immediate '${sql.replaceAll("'", "''")}' using ${values.join(", ")}`;
  let page = await json(await fetch(`${url}/v1/statement`, { method: "POST", body, headers }));
  const rows: AthenaResult["rows"] = [];
  let columns: Page["columns"];
  let updated = 0;
  for (;;) {
    if (page.error !== undefined) {
      if (page.error.errorName === "NO_NODES_AVAILABLE") return ask(url, catalog, schema, query);
      throw new Error(`${page.error.errorName}: ${page.error.message}\n${sql}`);
    }
    columns ??= page.columns;
    updated = page.updateCount ?? updated;
    const types = (columns ?? []).map(({ name, type }) => ({ name, type: type.replace(/\(\d+\)/, "") }));
    for (const line of page.data ?? [])
      rows.push(
        rowOf(
          types,
          line.map((value) => (value === null ? undefined : String(value))),
        ),
      );
    if (page.nextUri === undefined) return { rows, updated, cost: { bytes: 0, dollars: 0, query_id: null } };
    page = await json(await fetch(page.nextUri, { headers }));
  }
}

async function json(response: Response): Promise<Page> {
  if (!response.ok) throw new Error(`Trino answers ${response.status}`);
  return response.json() as Promise<Page>;
}
