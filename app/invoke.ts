import "server-only";
import { readSettings } from "#/core/config.ts";
import {
  type Credentials,
  type FunctionName,
  type InputOf,
  invoke,
  type OutputOf,
  type Transport,
} from "#/core/invoke.ts";

let transport: Transport | undefined;

/** One function of the functions process, with who asks. The web tier has no other power. */
export function ask<Name extends FunctionName>(
  name: Name,
  input: InputOf<Name>,
  credentials: Credentials = {},
): Promise<OutputOf<Name>> {
  transport ??= fromSettings();
  return invoke(transport, name, input, credentials);
}

function fromSettings(): Transport {
  const settings = readSettings();
  const { ROLETRAIL_SOCKET: socket, ROLETRAIL_SOCKET_SECRET: secret, ROLETRAIL_FUNCTIONS: lambda } = settings;
  if (lambda !== undefined) return { lambda };
  if (socket === undefined || secret === undefined)
    throw new Error("web needs ROLETRAIL_SOCKET and ROLETRAIL_SOCKET_SECRET, or ROLETRAIL_FUNCTIONS");
  return { socket, secret };
}
