import "server-only";
import type { ReactNode } from "react";
import type { RevocationLine } from "#/core/views.ts";
import { ifAllowed, read } from "../reading.ts";
import { stateWords } from "./states.tsx";

/** "revoked · bitten": the session's state in its revocation. */
export async function RevokedTag({ line, session }: { line: RevocationLine; session: string }): Promise<ReactNode> {
  const id = line.revocation.revocation_id;
  const seen = await ifAllowed(read("revocation", { id }));
  const state = seen?.sessions.find(({ session_id }) => session_id === session)?.state;
  return (
    <a className="tag denied" href={`/revocations/${id}`}>
      revoked{state === undefined ? "" : ` · ${stateWords[state].words}`}
    </a>
  );
}
