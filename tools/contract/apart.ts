import { spawn } from "node:child_process";
import { z } from "zod";
import type { Reference } from "./records.ts";

const Answered = z.object({ run: z.string(), records: z.array(z.record(z.string(), z.unknown())) });

/**
 * The same calls in a sandbox, in a process whose AWS_* are the sandbox's alone.
 * @param script tools/contract-aws.mjs
 */
export function callsInSandbox(script: string): Reference {
  return async (like) => {
    const env: NodeJS.ProcessEnv = { ...process.env };
    for (const name of Object.keys(env)) if (name.startsWith("AWS_")) delete env[name];
    const child = spawn(process.execPath, [script, "reference", JSON.stringify(like)], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    const code: unknown = await new Promise((resolve) => child.once("close", resolve));
    if (code !== 0) throw new Error(`the same calls in the sandbox failed (${String(code)})`);
    return Answered.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  };
}
