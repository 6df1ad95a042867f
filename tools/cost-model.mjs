// `node tools/cost-model.mjs [events]`: counts the bytes that each question's columns take in real Parquet, over a trail of
// that many events, and prints the tables of docs/cost-model.md. 200,000 events unless told.
import { bundled } from "./bundled.mjs";

const { count } = await bundled("tools/cost/count.ts");
await count(Number(process.argv[2] ?? 200_000));
