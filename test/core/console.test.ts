import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { type ConsoleRequest, consoleDestination, consoleUrl, federationEndpoint } from "#/core/console.ts";
import { Secret } from "#/core/secret.ts";

const credential = { access_key_id: "ASIAX", secret: new Secret("SECRET"), token: new Secret("TOKEN") };
const terms = (endpoint: string, chained = false): ConsoleRequest => ({
  endpoint,
  issuer: "http://localhost:3000/roles/111122223333/ReadOnly",
  destination: consoleDestination("aws", "eu-central-1"),
  chained,
  seconds: 43_200,
});

async function federation(
  answer: (body: URLSearchParams, url: string) => { status: number; text: string; location?: string },
) {
  const seen: { url: string; body: URLSearchParams; method: string }[] = [];
  const server = http.createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => {
      text += chunk;
    });
    request.on("end", () => {
      const body = new URLSearchParams(text);
      seen.push({ url: request.url ?? "", body, method: request.method ?? "" });
      const { status, text: out, location } = answer(body, request.url ?? "");
      response.writeHead(status, location === undefined ? {} : { location }).end(out);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}/federation`, seen, close: () => server.close() };
}

test("the credential travels in a POST body; the link holds only the sign-in token, our page and the destination", async () => {
  const aws = await federation(() => ({ status: 200, text: '{"SigninToken":"tok&en"}' }));
  const url = new URL(await consoleUrl(credential, terms(aws.endpoint)));
  expect(aws.seen[0]).toMatchObject({ method: "POST", url: "/federation" });
  expect(aws.seen[0]?.body.get("Action")).toBe("getSigninToken");
  expect(JSON.parse(aws.seen[0]?.body.get("Session") ?? "")).toEqual({
    sessionId: "ASIAX",
    sessionKey: "SECRET",
    sessionToken: "TOKEN",
  });
  expect(aws.seen[0]?.body.get("SessionDuration")).toBe("43200");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: "login",
    Issuer: "http://localhost:3000/roles/111122223333/ReadOnly",
    Destination: "https://console.aws.amazon.com/console/home?region=eu-central-1",
    SigninToken: "tok&en",
  });
  expect(url.href).not.toMatch(/SECRET|TOKEN(?!=)/);
  aws.close();
});

test("a chained session's request carries no SessionDuration: AWS would refuse it whole", async () => {
  const aws = await federation(() => ({ status: 200, text: '{"SigninToken":"t"}' }));
  await consoleUrl(credential, terms(aws.endpoint, true));
  expect(aws.seen[0]?.body.has("SessionDuration")).toBe(false);
  aws.close();
});

test("a refusal, an answer that is no token and a redirect are said plainly, and the redirect is not followed", async () => {
  const elsewhere = await federation(() => ({ status: 200, text: '{"SigninToken":"stolen"}' }));
  for (const answer of [
    { status: 400, text: "no" },
    { status: 200, text: "<html>" },
    { status: 307, text: "", location: elsewhere.endpoint },
  ]) {
    const aws = await federation(() => answer);
    await expect(consoleUrl(credential, terms(aws.endpoint))).rejects.toMatchObject({ name: "Refusal" });
    aws.close();
  }
  expect(elsewhere.seen).toEqual([]);
  elsewhere.close();
});

test("a sign-in host with a certificate nobody vouches for gets no credential", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "tls-"));
  const [key, cert] = [path.join(folder, "key.pem"), path.join(folder, "cert.pem")];
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      key,
      "-out",
      cert,
      "-days",
      "1",
      "-subj",
      "/CN=127.0.0.1",
    ],
    { stdio: "ignore" },
  );
  let reached = 0;
  const server = https.createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
    reached += 1;
    response.end('{"SigninToken":"t"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await expect(consoleUrl(credential, terms(`https://127.0.0.1:${port}/federation`))).rejects.toMatchObject({
    code: "sts.unreachable",
  });
  expect(reached).toBe(0);
  server.close();
});

test("each partition has its own hosts", () => {
  expect(federationEndpoint("aws", "eu-west-1")).toBe("https://eu-west-1.signin.aws.amazon.com/federation");
  expect(federationEndpoint("aws-eusc", "eusc-de-east-1")).toBe("https://signin.amazonaws-eusc.eu/federation");
});
