import type { ReactNode } from "react";
import type { RevokePreview } from "#/core/views.ts";
import { page } from "../../../../../page-of.tsx";
import { Card, Empty, Head } from "../../../../../parts/head.tsx";
import { HitsTable } from "../../../../../parts/hits-table.tsx";
import { livesOf } from "../../../../../parts/lives.ts";
import { Policy } from "../../../../../parts/policy.tsx";
import { Said } from "../../../../../parts/problem.tsx";
import { Revoke } from "../../../../../parts/revoke.tsx";
import { read } from "../../../../../reading.ts";
import { clock, count, counted, moment } from "../../../../../words.ts";

export const metadata = { title: "Revoke older sessions" };

export default page("/roles/[account]/[name]/revoke", async ({ params, now, me }) => {
  const account = params["account"] ?? "";
  const name = params["name"] ?? "";
  const preview = await read("revoke-preview", { account, name });
  const lives = await livesOf(preview.hits.map(({ session_id }) => session_id));
  const roleHref = `/roles/${account}/${encodeURIComponent(name)}`;
  return (
    <>
      <Head
        crumbs={[
          { words: preview.account_name, href: `/?q=${encodeURIComponent(preview.account_name)}` },
          { words: preview.name, href: roleHref },
        ]}
        title="Revoke older sessions"
        lede={
          <>
            Every session of this role issued before{" "}
            <b className="font-semibold text-ink">
              <time dateTime={preview.cutoff}>{clock(preview.cutoff)} UTC</time>
            </b>{" "}
            loses its rights. New sessions work.
          </>
        }
      />
      <div className="body">
        <Figures preview={preview} />
        {preview.refusal === null ? null : (
          <Said
            title="This cannot be revoked here"
            detail={preview.refusal.detail}
            help={preview.refusal.help ?? undefined}
          />
        )}
        <Card
          title="Whom it hits"
          aside={`from the ledger and the trail${me.complete_up_to === null ? "" : `, complete up to ${moment(me.complete_up_to, now)} UTC`}`}
        >
          {preview.hits.length === 0 ? (
            <Empty title="No live session of this role is known">
              Revoking still denies any session issued before the cutoff that the trail has not shown yet.
            </Empty>
          ) : (
            <HitsTable hits={preview.hits} lives={lives} cutoff={preview.cutoff} now={now} after="will" />
          )}
        </Card>
        <div className="cols main-side">
          <div className="cols">
            <CannotStop sentences={preview.cannot_stop} />
            <Card
              title="What will be written"
              aside={`inline policy ${preview.policy_name}, as the AWS console writes it`}
            >
              <div className="inner">
                <Policy text={preview.policy} />
              </div>
            </Card>
          </div>
          <Card title="Why">
            <div className="inner">
              <Revoke arn={preview.arn} hits={preview.hits.length} blocked={preview.refusal !== null} back={roleHref} />
            </div>
          </Card>
        </div>
      </div>
    </>
  );
});

function Figures({ preview }: { preview: RevokePreview }): ReactNode {
  const { used, max, adds } = preview.headroom;
  return (
    <section className="card figures" aria-label="In numbers">
      <Figure what="Sessions hit" number={count(preview.hits.length)} more={kindsOf(preview)} />
      <Figure
        what="Cannot be stopped here"
        number={count(preview.cannot_stop.length)}
        more={preview.cannot_stop.length === 0 ? "nothing known" : "said below"}
      />
      <Figure
        what="Policy head-room left"
        number={max === 0 ? "?" : count(Math.max(0, max - used - adds))}
        more={max === 0 ? "not known just now" : `of ${count(max)} characters; ${addsWords(adds)}`}
      />
    </section>
  );
}

const addsWords = (adds: number): string =>
  adds > 0 ? `this takes ${count(adds)}` : "it replaces the one that is there";

function Figure({ what, number, more }: { what: string; number: string; more: string }): ReactNode {
  return (
    <div>
      <div className="what">{what}</div>
      <div className="number">{number}</div>
      <div className="more">{more}</div>
    </div>
  );
}

function kindsOf({ hits }: RevokePreview): string {
  const people = new Set(hits.filter(({ person_name }) => person_name !== null).map(({ person_name }) => person_name))
    .size;
  const services = hits.filter(({ origin }) => origin === "service").length;
  const outside = hits.filter(({ origin }) => origin === "outside" || origin === "no-record").length;
  const parts = [
    people > 0 ? counted(people, "person", "people") : null,
    services > 0 ? counted(services, "service session") : null,
    outside > 0 ? `${count(outside)} outside the broker` : null,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "none live" : parts.join(", ");
}

function CannotStop({ sentences }: { sentences: readonly string[] }): ReactNode {
  if (sentences.length === 0) return null;
  return (
    <Card title="What it cannot stop">
      <div className="inner">
        <ul className="list">
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </div>
    </Card>
  );
}
