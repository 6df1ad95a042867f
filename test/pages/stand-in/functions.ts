import http from "node:http";
import { answerOf, session, sqlOf, viewOf } from "./views.ts";

/**
 * Stands in for the functions process where a page's state is the subject and not its data: answers are made up, in the
 * shapes of the socket's own table. Which state (much, none, error) is asked for by the first letter of the ticket.
 *
 * `tsx test/pages/stand-in/functions.ts <socket>`
 */
const [socket = ""] = process.argv.slice(2);

type Body = { input: Record<string, unknown>; ticket?: { sid: string } };

const status = {
  world: "sandbox",
  simulated: true,
  signin: {
    issuer: "https://signin.roletrail.test",
    client_id: "roletrail",
    discovery: "http://127.0.0.1:1/",
    scope: "openid",
    claim: "sub",
    name_claim: "name",
  },
  link: false,
};

const refusal = {
  code: "trail.starting",
  detail: "The trail is being read for the first time: 2,310 of 5,120 files.",
  help: "It is complete within a minute.",
  id: "q_01kaa0000000000000000000aa",
};

function answer(name: string, { input, ticket }: Body): { code: number; body: object } {
  const params = (input["params"] ?? {}) as Record<string, string>;
  const state = ticket?.sid.at(0);
  if (name === "status") return { code: 200, body: status };
  if (name === "vault") return { code: 200, body: { session } };
  if (name === "read") return { code: 200, body: viewOf(String(input["view"]), params, state === "n") };
  if (state === "e") return { code: 503, body: refusal };
  if (typeof input["sql"] === "string") return sqlOf(input["sql"]);
  return { code: 200, body: answerOf(String(input["question"]), params, state === "n") };
}

http
  .createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { code, body } = answer((request.url ?? "/").slice(1), JSON.parse(Buffer.concat(chunks).toString("utf8")));
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  })
  .listen(socket, () => console.log("ready"));
