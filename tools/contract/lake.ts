import { readFileSync } from "node:fs";
import path from "node:path";
import {
  AthenaClient,
  CreateWorkGroupCommand,
  DeleteWorkGroupCommand,
  GetQueryExecutionCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { type Asker, Athena } from "#/queries/engines/athena.ts";
import { athenaTables, tables } from "#/queries/engines/athena-ddl.ts";
import { athenaRawTable } from "#/queries/engines/athena-raw.ts";
import type { CaseTrail } from "./cases.ts";
import { tagKey } from "./names.ts";
import type { Run } from "./run.ts";
import { Failed } from "./steps.ts";
import type { Storage } from "./storage.ts";

/** A Glue database of the run's own, with a workgroup that cuts off what would cost more than half a cent. */
export class Lake {
  readonly #run: Run;
  readonly #client: AthenaClient;
  readonly #athena: Athena;

  constructor(run: Run) {
    this.#run = run;
    this.#client = new AthenaClient({ region: run.terms.region, maxAttempts: 8 });
    const { database, workgroup } = run.names;
    this.#athena = new Athena({ database, workgroup, atOnce: 5 }, this.#client);
  }

  close(): void {
    this.#client.destroy();
  }

  /** Athena as facts and questions ask it, each query's price kept. */
  get asker(): Asker {
    const { spent } = this.#run;
    return {
      database: this.#athena.database,
      query: async (query, signal) => {
        const answer = await this.#athena.query(query, signal);
        spent.athenaQueries += 1;
        spent.athenaBytes += answer.cost.bytes;
        spent.athenaDollars += answer.cost.dollars;
        return answer;
      },
    };
  }

  async makeWorkgroup(): Promise<string> {
    const { names, terms } = this.#run;
    await this.#client.send(
      new CreateWorkGroupCommand({
        Name: names.workgroup,
        Description: "Roletrail's contract command; removed at its end",
        Configuration: {
          EnforceWorkGroupConfiguration: true,
          PublishCloudWatchMetricsEnabled: false,
          BytesScannedCutoffPerQuery: bytesMax,
          EngineVersion: { SelectedEngineVersion: "Athena engine version 3" },
          ResultConfiguration: {
            OutputLocation: `s3://${names.bucket}/${names.prefix}results/`,
            ExpectedBucketOwner: terms.account,
            EncryptionConfiguration: { EncryptionOption: "SSE_S3" },
          },
        },
        Tags: [{ Key: tagKey, Value: names.run }],
      }),
    );
    return names.workgroup;
  }

  /** The facts' tables and the raw logs', by the DDL that the product ships. */
  async makeTables({ since }: CaseTrail): Promise<string> {
    const { database, run } = this.#run.names;
    await this.#ddl(`create database \`${database}\` with dbproperties ('${tagKey}' = '${run}')`);
    const raw = athenaRawTable({ location: `${this.where}AWSLogs`, since });
    const facts = athenaTables(`s3://${this.#run.names.bucket}/${this.#run.names.prefix}facts`);
    for (const sql of [raw, ...facts]) await this.#ddl(sql, database);
    return `${facts.length} Iceberg tables and the raw one`;
  }

  /** Where the case events' `AWSLogs/` is, with a slash at its end. */
  get where(): string {
    const { bucket, prefix } = this.#run.names;
    return `s3://${bucket}/${prefix}trail/`;
  }

  /** Tables, database and workgroup. @returns what went. */
  async remove(): Promise<string> {
    const { database, workgroup } = this.#run.names;
    try {
      for (const table of ["cloudtrail_raw", ...Object.keys(tables)])
        await this.#ddl(`drop table if exists \`${database}\`.\`${table}\``);
      await this.#ddl(`drop database if exists \`${database}\` cascade`);
      await this.#client.send(new DeleteWorkGroupCommand({ WorkGroup: workgroup, RecursiveDeleteOption: true }));
    } catch (error) {
      // The workgroup is made first and removed last: without it there is nothing else.
      if (error instanceof Error && /workgroup.*not found/i.test(error.message)) return "";
      throw error;
    }
    return `the database ${database} and the workgroup ${workgroup}`;
  }

  /** A statement that may be about a database that is not there; DDL is free. */
  async #ddl(sql: string, database?: string): Promise<void> {
    const { wait } = this.#run.outside;
    const { QueryExecutionId } = await this.#client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup: this.#run.names.workgroup,
        ...(database === undefined ? {} : { QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: database } }),
      }),
    );
    for (;;) {
      const { QueryExecution } = await this.#client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const { State, StateChangeReason } = QueryExecution?.Status ?? {};
      if (State === "SUCCEEDED") return;
      if (State === "FAILED" || State === "CANCELLED")
        throw new Failed(`Athena did not take ${sql.slice(0, 60).replaceAll("\n", " ")}…: ${StateChangeReason}`);
      await wait(ddlPauseMs);
    }
  }
}

const ddlPauseMs = 250;
/** Half a cent. Case events are kilobytes: a query that reads more is a mistake. */
const bytesMax = 1_000_000_000;

/** The case events, under the run's prefix. */
export async function putTrail(storage: Storage, trail: CaseTrail): Promise<string> {
  for (const key of trail.keys) await storage.put(`trail/${key}`, readFileSync(path.join(trail.folder, key)));
  return `${trail.keys.length} files`;
}
