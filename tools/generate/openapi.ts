import { z } from "zod";
import { powers } from "#/core/access.ts";
import { refusals } from "#/core/refusal.ts";
import { Answer, Minted, MintRequest, Revocation, RevokedSession, RevokeRequest, SqlRequest } from "#/core/wire.ts";
import type { ParsedQuestion } from "./questions.ts";

type Json = Readonly<Record<string, unknown>>;

/** `docs/openapi.json`: `/api/v1` as its routes and the questions' headers have it. */
export function openapi(questions: readonly ParsedQuestion[], version: string): string {
  const document = {
    openapi: "3.1.0",
    info: {
      title: "Roletrail",
      version,
      description:
        "JSON, snake_case but where AWS's credential shapes keep AWS's case. Times are UTC. v1 only grows; unknown fields are refused.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/api/v1" }],
    security: [{ session: [] }],
    paths: {
      ...fixed,
      ...Object.fromEntries(questions.map((question) => [`/questions/${question.name}`, route(question)])),
    },
    components: { securitySchemes, schemas, responses, parameters },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const schemaOf = (shape: z.ZodType, io: "input" | "output"): Json => {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io });
  return schema;
};

const schemas = {
  MintRequest: schemaOf(MintRequest, "input"),
  Minted: schemaOf(Minted, "output"),
  RevokeRequest: schemaOf(RevokeRequest, "input"),
  Revocation: schemaOf(Revocation, "output"),
  RevokedSession: schemaOf(RevokedSession, "output"),
  SqlRequest: schemaOf(SqlRequest, "input"),
  Answered: answered(),
  Problem: {
    type: "object",
    description: "RFC 9457.",
    required: ["type", "title", "status", "code", "detail", "id"],
    properties: {
      type: { type: "string", format: "uri" },
      title: { type: "string" },
      status: { type: "integer" },
      code: { type: "string", enum: [...Object.keys(refusals), "fault"] },
      detail: { type: "string" },
      help: { type: "string" },
      until: { type: "string", description: "When it will work again." },
      id: { type: "string", description: "Names this answer in the log." },
    },
  },
} as const;

/** A question's answer by URL: its rows are `items`. */
function answered(): Json {
  const { rows: _, ...rest } = Answer.shape;
  return schemaOf(z.object({ items: z.array(z.record(z.string(), z.unknown())), ...rest }), "output");
}

const ref = (kind: string, name: string): Json => ({ $ref: `#/components/${kind}/${name}` });
const json = (description: string, schema: Json): Json => ({
  description,
  content: { "application/json": { schema } },
});

const securitySchemes = {
  session: {
    type: "apiKey",
    in: "cookie",
    name: "roletrail-<world>",
    description: "The sign-in's cookie. With an Authorization header cookies are ignored.",
  },
} as const;

const responses = {
  Refused: {
    description: "A refusal, under its own status, or a fault (500).",
    content: { "application/problem+json": { schema: ref("schemas", "Problem") } },
  },
} as const;

const parameters = {
  Proof: {
    name: "Roletrail-Proof",
    in: "header",
    required: true,
    description: "Compact JWS by the key bound to the sign-in, over the SHA-256 of the RFC 8785 form of the body.",
    schema: { type: "string", maxLength: 8192 },
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description: "Kept for 24 hours: a repeat answers 409 with the first one's id, never a second credential.",
    schema: { type: "string", maxLength: 128 },
  },
} as const;

const deed = (summary: string, body: string, answer: string, description: string): Json => ({
  summary,
  parameters: [ref("parameters", "Proof"), ref("parameters", "IdempotencyKey")],
  requestBody: { required: true, content: { "application/json": { schema: ref("schemas", body) } } },
  responses: { 200: json(description, ref("schemas", answer)), default: ref("responses", "Refused") },
});

const get = (summary: string, answer: Json, more: Json = {}): Json => ({
  get: { summary, ...more, responses: { 200: answer, default: ref("responses", "Refused") } },
});

const items = (schema: Json): Json => ({
  type: "object",
  required: ["items"],
  properties: { items: { type: "array", items: schema } },
});

const revocationLine = {
  type: "object",
  required: ["revocation", "counts"],
  properties: {
    revocation: ref("schemas", "Revocation"),
    counts: { type: "object", additionalProperties: { type: "integer" } },
  },
};

const fixed: Json = {
  "/me": get(
    "Who is signed in, with which powers",
    json("The person.", {
      type: "object",
      required: ["person", "powers", "world", "simulated", "complete_up_to", "mints", "accounts"],
      properties: {
        person: { type: "object", description: "id, name, groups and how the sign-in was made." },
        powers: {
          type: "array",
          items: {
            type: "object",
            properties: {
              power: { type: "string", enum: [...powers] },
              accounts: { oneOf: [{ const: "*" }, { type: "array", items: { type: "string" } }] },
            },
          },
        },
        world: { type: "string" },
        simulated: { type: "boolean" },
        complete_up_to: { type: ["string", "null"] },
        mints: { type: "boolean" },
        accounts: { type: "array", items: { type: "object" } },
      },
    }),
  ),
  "/roles": get("Roles that the groups of who asks allow", json("Roles with their terms.", items({ type: "object" }))),
  "/credentials": {
    post: deed("Mint one short-lived credential", "MintRequest", "Minted", "The credential, shown this once."),
  },
  "/revocations": {
    ...get("Revocations, newest first", json("What became of their sessions.", items(revocationLine))),
    post: deed("End the older sessions of a role", "RevokeRequest", "Revocation", "What was written."),
  },
  "/revocations/{id}": get(
    "One revocation, and the state of each session as the trail has it now",
    json("States are made new at each read.", {
      type: "object",
      required: ["revocation", "sessions", "counts"],
      properties: {
        ...revocationLine.properties,
        sessions: { type: "array", items: ref("schemas", "RevokedSession") },
      },
    }),
    { parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }] },
  ),
  "/sql": { post: sqlRoute() },
};

/** What is read, but by POST: a statement does not fit an address. No proof is asked. */
function sqlRoute(): Json {
  const body = { required: true, content: { "application/json": { schema: ref("schemas", "SqlRequest") } } };
  return {
    summary: "One SELECT over the facts, for who has the power ask-sql (docs/sql.md)",
    requestBody: body,
    responses: {
      200: json("Its rows; more than 10,000 are refused.", ref("schemas", "Answered")),
      default: ref("responses", "Refused"),
    },
  };
}

const jsonTypes = {
  text: { type: "string" },
  bigint: { type: "integer" },
  double: { type: "number" },
  boolean: { type: "boolean" },
  timestamp: { type: "string", format: "date-time" },
  date: { type: "string", format: "date" },
  json: { type: "array" },
} as const;

function route(question: ParsedQuestion): Json {
  const columns = question.columns.map(({ name, type, nullable, about }) => [
    name,
    {
      ...jsonTypes[type],
      ...(nullable ? { type: [jsonTypes[type].type, "null"] } : {}),
      ...(about === "" ? {} : { description: about }),
    },
  ]);
  const row = {
    type: "object",
    required: question.columns.map(({ name }) => name),
    properties: Object.fromEntries(columns),
  };
  const format = {
    name: "format",
    in: "query",
    description: "csv answers all rows.",
    schema: { enum: ["json", "csv"] },
  };
  const params = question.params.map(({ name, type, about }) => ({
    name,
    in: "query",
    ...(about === "" ? {} : { description: about }),
    schema: jsonTypes[type],
  }));
  const schema = {
    allOf: [ref("schemas", "Answered"), { type: "object", properties: { items: { type: "array", items: row } } }],
  };
  return get(
    question.title,
    {
      description: question.asks,
      content: { "application/json": { schema }, "text/csv": { schema: { type: "string" } } },
    },
    { description: `${question.asks} Power: ${question.power}.`, parameters: [...params, format] },
  );
}
