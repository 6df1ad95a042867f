import { IAMClient } from "@aws-sdk/client-iam";
import { type Ask, AwsError, type Call, type Trace } from "#/sandbox/aws/call.ts";
import { iam } from "#/sandbox/aws/iam.ts";
import type { Account, Organisation } from "#/sandbox/aws/state.ts";

/** An unmodified client-iam whose requests reach the handler without a network, and what each call left behind. */
export function iamClient(world = organisation()) {
  const account = world.accounts[0] ?? emptyAccount("111122223333");
  const asked: Ask[] = [];
  const traces: Trace[] = [];
  const clock = { now: new Date("2026-11-21T09:30:00Z") };
  let saves = 0;
  const answer = async (body: string) => {
    const parameters = new Map(new URLSearchParams(body));
    const trace: Trace = { readOnly: false, requestParameters: {}, responseElements: null, category: "Management" };
    const call: Call = {
      service: "iam",
      action: parameters.get("Action") ?? "",
      parameters,
      request: { method: "POST", path: "/", headers: {}, body: Buffer.from(body), ip: "127.0.0.1", host: "127.0.0.1" },
      caller: {
        type: "IAMUser",
        account: account.id,
        arn: `arn:aws:iam::${account.id}:user/admin`,
        userId: "AIDAADMIN",
        accessKeyId: "AKIAADMIN",
        userName: "admin",
      },
      account,
      organisation: world,
      region: "us-east-1",
      now: clock.now,
      requestId: "11111111-2222-3333-4444-555555555555",
      trace,
      authorize: (ask) => void asked.push(ask),
      save: () => {
        saves += 1;
      },
    };
    traces.push(trace);
    try {
      return await iam(call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const inner = `<Type>Sender</Type><Code>${error.code}</Code><Message>${escapeText(error.message)}</Message>`;
      return { status: error.status, headers: {}, body: `<ErrorResponse><Error>${inner}</Error></ErrorResponse>` };
    }
  };
  const client = new IAMClient({
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAADMIN", secretAccessKey: "secret" },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: { body: string }) => {
        const { status, headers, body } = await answer(request.body);
        return { response: { statusCode: status, headers, body: new Blob([Buffer.from(body)]) } };
      },
    },
  });
  return { client, account, asked, traces, clock, savesSoFar: () => saves };
}

export const emptyAccount = (id: string): Account => ({
  id,
  name: "test",
  roles: [],
  users: [],
  managedPolicies: [],
  oidcProviders: [],
  buckets: [],
  eventSelectors: [],
});

const organisation = (): Organisation => ({
  id: "o-test000000",
  logArchiveAccount: "111122223333",
  trailName: "organization",
  trailBucket: "trail",
  homeRegion: "us-east-1",
  accounts: [emptyAccount("111122223333"), emptyAccount("444455556666")],
});

const escapeText = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
