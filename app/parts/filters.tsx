import type { ReactNode } from "react";
import type { Me } from "#/core/views.ts";
import { hrefWith, type Search } from "../search-params.ts";
import { type Range, rangeLong, ranges, rangeWords, type Window } from "../window.ts";
import { grouped, moment, visible } from "../words.ts";
import { AutoSubmit } from "./auto-submit.tsx";
import { shown } from "./shown.ts";

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

/** A filter that is typed: a parameter of a question that has no list of values. */
export interface Typed {
  readonly name: string;
  readonly about: string;
}

/** What another switch of the page chose stays as it is when a filter changes. */
const kept: readonly string[] = ["services", "view"];

/** Filters as small selects in one GET form: the URL is the state, and without script a button sends it. */
export function Filters({
  path,
  search,
  choices,
  typed = [],
  window,
  now,
  named = asItIs,
}: {
  path: string;
  search: Search;
  choices: readonly Choice[];
  typed?: readonly Typed[];
  window: Window | null;
  now: Date;
  /** What the people of its values are called. */
  named?: (id: string) => string;
}): ReactNode {
  // Services have their own switch; the cell under inspection is marked in the matrix.
  const own = ["page", "range", "since", "until", "services", "view", "role_cell"];
  const cell = search.has("role_cell") ? ["caller"] : [];
  const known = new Set([...choices.map(({ name }) => name), ...own, ...cell]);
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
        known.has(name) ? null : (
          <Kept
            key={name}
            path={path}
            search={search}
            name={name}
            value={value}
            words={keptWords(name, value, named)}
          />
        ),
      )}
      {typed.map(({ name, about }) =>
        search.has(name) ? null : (
          <label key={name} className="chip" title={about}>
            {nameWords(name)}
            <input name={name} size={10} autoComplete="off" spellCheck={false} />
          </label>
        ),
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

const asItIs = (id: string): string => id;
const nameWords = (name: string): string => (name === "mine" ? "only" : name.replaceAll("_", " "));
const ofSomebody = new Set(["who", "person", "caller", "role"]);

function keptWords(name: string, value: string, named: (id: string) => string): string {
  if (name === "mine") return "yours";
  return ofSomebody.has(name) ? shown(value, named) : visible(value);
}

/** A filter that came by a link, with the way to take it off. */
function Kept({
  path,
  search,
  name,
  value,
  words,
}: {
  path: string;
  search: Search;
  name: string;
  value: string;
  words: string;
}): ReactNode {
  return (
    <span className="chip max-w-full" title={value}>
      <input type="hidden" name={name} value={value} />
      {nameWords(name)} <b className="truncate">{words}</b>
      <a href={hrefWith(path, search, { [name]: null })} aria-label={`Take off ${nameWords(name)}`}>
        ✕
      </a>
    </span>
  );
}

/** None where no access file names an account: there is nothing to choose. */
export const accountChoices = ({ accounts }: Me): readonly Choice[] =>
  accounts.length === 0
    ? []
    : [
        {
          name: "account",
          label: "Account",
          all: `all ${accounts.length}`,
          options: accounts.map(({ id, name }) => ({ value: id, words: `${name} ${grouped(id)}` })),
        },
      ];

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
