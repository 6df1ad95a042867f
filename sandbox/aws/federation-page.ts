import { createHash } from "node:crypto";
import type { AwsReply } from "./call.ts";
import { escapeXml } from "./xml.ts";

/** Whose console it would be. All of it came in a URL or a role name: text, never markup. */
export interface ConsoleVisit {
  readonly title: string;
  readonly session: string;
  readonly account: string;
  readonly endsAt: Date;
  readonly issuer: string | undefined;
  readonly destination: string | undefined;
}

export function consolePage(visit: ConsoleVisit): AwsReply {
  const rows = [
    ["Account", visit.account],
    ["Session", visit.session],
    ["Ends", `${visit.endsAt.toISOString().slice(0, 19).replace("T", " ")} UTC`],
    ["Would open", visit.destination ?? "the console's home page"],
  ];
  const list = rows.map(([name, value]) => `<dt>${name}</dt><dd>${escapeXml(value ?? "")}</dd>`).join("");
  return page(
    200,
    `<h1>${escapeXml(visit.title)}</h1><p>On AWS the management console would open here, signed in as this session.</p><dl>${list}</dl>${homeLink(visit.issuer)}`,
  );
}

export const refusalPage = (message: string): AwsReply =>
  page(400, `<h1>Not signed in</h1><p>${escapeXml(message)}</p>`);

/** `Issuer` leads back to who made the link, where that is this machine. */
function homeLink(issuer: string | undefined): string {
  if (issuer === undefined || !/^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$)/.test(issuer)) return "";
  return `<p><a rel="noreferrer" href="${escapeXml(issuer)}">Back to where this link was made</a></p>`;
}

const style =
  ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}" +
  ".mark{border:1px solid;display:inline-block;padding:0 .5rem;font-weight:600;letter-spacing:.08em}" +
  "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}";
const styleHash = createHash("sha256").update(style).digest("base64");

function page(status: number, content: string): AwsReply {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
    body: `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>AWS console (simulated)</title><style>${style}</style></head><body><main><p class="mark">SIMULATED</p>${content}</main></body></html>`,
  };
}
