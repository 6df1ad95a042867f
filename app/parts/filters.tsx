import type { ReactNode } from "react";
import type { Me } from "#/core/views.ts";
import { hrefWith, type Search } from "../search-params.ts";
import { type Range, rangeLong, ranges, rangeWords, type Window } from "../window.ts";
import { grouped, moment } from "../words.ts";
import { AutoSubmit } from "./auto-submit.tsx";

/** 24 h, 7 d, 30 d, 90 d as links. */
export function RangeLinks({ path, search, window }: { path: string; search: Search; window: Window }): ReactNode {
  return (
    <nav className="segments" aria-label="Time" data-keep-place>
      {ranges.map((range) => (
        <a
          key={range}
          href={hrefWith(path, search, { range, since: null, until: null })}
          aria-current={window.range === range ? "true" : undefined}
        >
          {rangeWords[range]}
        </a>
      ))}
    </nav>
  );
}

export interface Choice {
  readonly name: string;
  readonly label: string;
  /** What no choice means. */
  readonly all: string;
  readonly options: readonly { readonly value: string; readonly words: string }[];
}

/** What another switch of the page chose stays as it is when a filter changes. */
const kept: readonly string[] = ["services", "view"];

/** Filters as small selects in one GET form: the URL is the state, and without script a button sends it. */
export function Filters({
  path,
  search,
  choices,
  window,
  now,
}: {
  path: string;
  search: Search;
  choices: readonly Choice[];
  window: Window | null;
  now: Date;
}): ReactNode {
  // Services have their own switch; the cell under inspection is marked in the matrix.
  const own = ["page", "range", "since", "until", "services", "view", "role_cell"];
  const cell = search.has("role_cell") ? ["caller"] : [];
  const named = new Set([...choices.map(({ name }) => name), ...own, ...cell]);
  return (
    <form action={path} className="chips" aria-label="Filters" data-keep-place>
      <AutoSubmit />
      {window === null ? null : <TimeChip window={window} now={now} />}
      {choices.map((choice) => (
        <ChoiceChip key={choice.name} choice={choice} value={search.get(choice.name) ?? ""} />
      ))}
      {[...search].map(([name, value]) =>
        kept.includes(name) ? <input key={name} type="hidden" name={name} value={value} /> : null,
      )}
      {[...search].map(([name, value]) =>
        named.has(name) ? null : <Kept key={name} path={path} search={search} name={name} value={value} />,
      )}
      <noscript>
        <button className="button small" type="submit">
          Show
        </button>
      </noscript>
    </form>
  );
}

function TimeChip({ window, now }: { window: Window; now: Date }): ReactNode {
  if (window.range === null)
    return (
      <label className="chip">
        Time
        <select name="range" defaultValue="own">
          <option value="own" disabled>
            {moment(window.since, now)} – {moment(window.until, now)}
          </option>
          <RangeOptions />
        </select>
      </label>
    );
  return (
    <label className="chip">
      Time
      <select name="range" defaultValue={window.range}>
        <RangeOptions />
      </select>
    </label>
  );
}

const RangeOptions = (): ReactNode =>
  ranges.map((range: Range) => (
    <option key={range} value={range}>
      {rangeLong[range]}
    </option>
  ));

function ChoiceChip({ choice, value }: { choice: Choice; value: string }): ReactNode {
  const known = value === "" || choice.options.some((option) => option.value === value);
  return (
    <label className="chip">
      {choice.label}
      <select name={choice.name} defaultValue={value}>
        <option value="">{choice.all}</option>
        {known ? null : <option value={value}>{value}</option>}
        {choice.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** A filter that came by a link, with the way to take it off. */
function Kept({ path, search, name, value }: { path: string; search: Search; name: string; value: string }): ReactNode {
  return (
    <span className="chip max-w-full">
      <input type="hidden" name={name} value={value} />
      {name.replaceAll("_", " ")} <b className="truncate">{value}</b>
      <a href={hrefWith(path, search, { [name]: null })} aria-label={`Take off ${name.replaceAll("_", " ")}`}>
        ✕
      </a>
    </span>
  );
}

export const accountChoice = (me: Me): Choice => ({
  name: "account",
  label: "Account",
  all: `all ${me.accounts.length}`,
  options: me.accounts.map(({ id, name }) => ({ value: id, words: `${name} ${grouped(id)}` })),
});

export const wayChoice: Choice = {
  name: "origin",
  label: "Came in",
  all: "any way",
  options: [
    { value: "broker", words: "through the broker" },
    { value: "outside", words: "outside the broker" },
    { value: "service", words: "as a service" },
    { value: "console", words: "by the console" },
    { value: "no-record", words: "never seen issued" },
  ],
};

/** "127 service callers are hidden · show": services are left out at first, and their number said. */
export function Services({
  path,
  search,
  hidden,
  words,
}: {
  path: string;
  search: Search;
  hidden: string | null;
  words: string;
}): ReactNode {
  const shown = search.get("services") === "1";
  if (!shown && hidden === null) return null;
  return (
    <span data-keep-place>
      {shown ? `${words} are shown` : `${hidden} are hidden`} ·{" "}
      <a className="link" href={hrefWith(path, search, { services: shown ? null : "1" })}>
        {shown ? "hide" : "show"}
      </a>
    </span>
  );
}
