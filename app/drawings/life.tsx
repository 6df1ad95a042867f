import type { ReactNode } from "react";
import type { Origin } from "../parts/mark.tsx";
import { clock, counted, full, moment } from "../words.ts";
import { type Span, spanOf } from "./span.ts";

/** One call, or several in one place of the bar. */
export interface Tick {
  readonly at: string;
  readonly denied: boolean;
  readonly calls: number;
}

export interface LifeOf {
  readonly origin: Origin;
  readonly issued_at: string | null;
  readonly expires_at: string | null;
  readonly first_call_at: string | null;
  readonly last_call_at: string | null;
  readonly ticks: readonly Tick[];
  readonly calls: number;
  readonly denied: number;
  /** When a revocation took its rights, or would. */
  readonly cutoff: string | null;
}

/**
 * Life of a session: a bar from issue to expiry, each tick a call, each cross a denied one, the dashed line now, the
 * ink line a cutoff, hatching what can no longer be used. 18 px high in tables, 44 on the session's page.
 */
export function Life({ of, now, size = "row" }: { of: LifeOf; now: Date; size?: "row" | "full" }): ReactNode {
  const span = spanOf(of, now);
  return (
    <>
      <LifeBar bar={span === null ? null : barOf(of, span, now, size)} />
      {size === "full" && span !== null ? <Labels of={of} span={span} now={now} /> : null}
    </>
  );
}

/** A life as it is drawn: text and numbers only, so that a table hands its rows over without their calls. */
export interface Bar {
  readonly origin: Origin;
  readonly words: string;
  readonly height: number;
  /** Where its parts end or stand, in percent of its length. */
  readonly used: string;
  readonly over: { readonly from: string; readonly long: string } | null;
  readonly now: string | null;
  readonly openStart: boolean;
  readonly openEnd: boolean;
  /** All calls as one path over `barPlaces` places. */
  readonly ticks: string;
  readonly crosses: readonly string[];
}

/** Null where nothing tells when the session was. */
export function lifeBar(of: LifeOf, now: Date): Bar | null {
  const span = spanOf(of, now);
  return span === null ? null : barOf(of, span, now, "row");
}

const pc = (share: number): string => `${(share * 100).toFixed(2)}%`;

function barOf(of: LifeOf, span: Span, now: Date, size: "row" | "full"): Bar {
  const height = size === "row" ? 18 : 44;
  const reach = size === "row" ? 6 : 6.5;
  const places = merged(of.ticks, span);
  const ticks = places.filter(({ denied }) => !denied).map(({ x }) => `M${x} ${height / 2 - reach}v${reach * 2}`);
  return {
    origin: of.origin,
    words: lifeWords(of, now),
    height,
    used: pc(span.used),
    over: span.cut === null ? null : { from: pc(span.cut), long: pc(1 - span.cut) },
    now: span.now === null ? null : pc(span.now),
    openStart: span.openStart,
    openEnd: span.openEnd,
    ticks: ticks.join(""),
    crosses: places.filter(({ denied }) => denied).map(({ x }) => pc(x / barPlaces)),
  };
}

/** Where a bar lies in its height, and how thick it is, is the style's: every row would say it again. */
export function LifeBar({ bar }: { bar: Bar | null }): ReactNode {
  if (bar === null) return <span className="text-ink-3">no call seen</span>;
  const { height, over } = bar;
  return (
    <svg className="life" height={height} data-origin={bar.origin} role="img" aria-label={bar.words}>
      <rect className="track" width="100%" />
      {over === null ? null : <rect className="over" x={over.from} width={over.long} />}
      <rect className="used" width={bar.used} />
      {bar.openStart ? <line className="open-end" x1="0" x2="0" y1="1" y2={height - 1} /> : null}
      {bar.openEnd ? <line className="open-end" x1="100%" x2="100%" y1="1" y2={height - 1} /> : null}
      <Calls bar={bar} />
      {over === null ? null : (
        <line className="cut" x1={over.from} x2={over.from} y1={height === 18 ? 1 : 5} y2={height - 1} />
      )}
      {bar.now === null ? null : <line className="now" x1={bar.now} x2={bar.now} y1="2" y2={height - 2} />}
    </svg>
  );
}

function Calls({ bar: { ticks, crosses, height } }: { bar: Bar }): ReactNode {
  return (
    <>
      {ticks === "" ? null : (
        // One path in a box as wide as the bar: a page of fifty lives has hundreds of ticks.
        <svg viewBox={`0 0 ${barPlaces} ${height}`} height={height} preserveAspectRatio="none" aria-hidden="true">
          <path className="tick" d={ticks} />
        </svg>
      )}
      {crosses.map((x) => (
        <svg key={x} x={x} y={height / 2} overflow="visible" aria-hidden="true">
          <use href="#cross" className="halo" />
          <use href="#cross" className="cross" />
        </svg>
      ))}
    </>
  );
}

/** The bar's places: calls nearer than that are one mark. */
const barPlaces = 250;

/** A denied call among those of one place wins. */
function merged(ticks: readonly Tick[], span: Span): { x: number; denied: boolean }[] {
  const places = new Map<number, boolean>();
  for (const tick of ticks) {
    const x = Math.round(span.at(tick.at) * barPlaces);
    places.set(x, (places.get(x) ?? false) || tick.denied);
  }
  return [...places].map(([x, denied]) => ({ x, denied }));
}

function Labels({ of, span, now }: { of: LifeOf; span: Span; now: Date }): ReactNode {
  const begun = short(span.start, now);
  const ended = short(span.end, now);
  return (
    <div className="life-labels" aria-hidden="true">
      <span style={{ left: 0 }}>{span.openStart ? `first seen ${begun}` : `${begun} issued`}</span>
      {of.cutoff === null ? null : <Label at={span.cut} words={`${clock(of.cutoff)} cutoff`} beside={null} />}
      <Label at={span.now} words="now" beside={span.cut} />
      <span style={{ right: 0 }}>{span.openEnd ? `last seen ${ended}` : `${ended} expiry`}</span>
    </div>
  );
}

/** In the lower line where it would meet the bar's ends or another label. */
function Label({ at, words, beside }: { at: number | null; words: string; beside: number | null }): ReactNode {
  // The line itself still shows where the label would only lie on another one.
  if (at === null || (beside !== null && Math.abs(at - beside) < 0.12)) return null;
  const low = at < 0.22 || at > 0.78;
  return (
    <span className={low ? "lower" : ""} style={centred(at)}>
      {words}
    </span>
  );
}

const short = (ms: number, now: Date): string => moment(new Date(ms).toISOString(), now);

/** Centred on its place, but never over the card's edge. */
function centred(share: number): { left?: string; right?: string; transform?: string } {
  if (share < 0.08) return { left: "0" };
  if (share > 0.92) return { right: "0" };
  return { left: pc(share), transform: "translateX(-50%)" };
}

/** The numbers of the drawing in words. */
export function lifeWords(of: LifeOf, now: Date): string {
  const parts = [
    of.issued_at === null ? "never seen issued" : `issued ${full(of.issued_at)}`,
    of.expires_at === null ? null : `expires ${full(of.expires_at)}`,
    counted(of.calls, "call"),
    of.denied > 0 ? `${counted(of.denied, "call")} denied` : null,
    of.cutoff === null
      ? null
      : `${Date.parse(of.cutoff) > now.getTime() ? "rights end" : "rights ended"} ${full(of.cutoff)}`,
    of.last_call_at === null ? null : `last call ${full(of.last_call_at)}`,
  ];
  return parts.filter((part) => part !== null).join(", ");
}
