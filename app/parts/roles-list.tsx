"use client";

import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useSearch } from "../shell/search-context.tsx";
import { clock, grouped } from "../words.ts";
import { RowKeys } from "./row-keys.tsx";

export interface ListedRole {
  readonly arn: string;
  readonly href: string;
  readonly name: string;
  readonly account: string;
  readonly accountName: string;
  readonly longest: string;
  readonly asksFor: string;
  readonly description: string | null;
  /** ISO time until which it does not mint. */
  readonly frozen: string | null;
}

/** One search, one list, one button: the search filters, the first hit is marked, Enter opens it. */
export function RolesList({ roles, given }: { roles: readonly ListedRole[]; given: string }): ReactNode {
  const { query, setQuery, setFirstHit, setListening } = useSearch();
  const [started, setStarted] = useState(false);
  const text = started ? query : given;
  const hits = useMemo(() => found(roles, text), [roles, text]);
  const first = hits[0]?.href ?? null;

  useEffect(() => {
    setQuery(given);
    setStarted(true);
    setListening(true);
    document.getElementById("search")?.focus({ preventScroll: true });
    return () => {
      setListening(false);
      setFirstHit(null);
      setQuery("");
    };
  }, [given, setQuery, setListening, setFirstHit]);

  useEffect(() => setFirstHit(first), [first, setFirstHit]);

  return (
    <>
      <div className="phone-search">
        <input
          className="input"
          type="search"
          aria-label="Find a role"
          placeholder="Find a role"
          value={text}
          onChange={(event) => setQuery(event.target.value)}
        />
      </div>
      <p className="sr-only" role="status">
        {text === "" ? "" : `${hits.length} roles; Enter opens the first`}
      </p>
      {hits.length === 0 ? <NoHit text={text} /> : <Hits hits={hits} />}
    </>
  );
}

const NoHit = ({ text }: { text: string }): ReactNode => (
  <div className="empty">
    <b>No role of yours matches “{text}”</b>
    Press Enter to look for people, sessions and questions by that name.
  </div>
);

function Hits({ hits }: { hits: readonly ListedRole[] }): ReactNode {
  return (
    <RowKeys>
      <table className="table entries roles">
        <caption className="sr-only">Roles you may take</caption>
        <thead>
          <tr>
            <th scope="col">Role</th>
            <th scope="col">Longest</th>
            <th scope="col">Asks for</th>
            <th scope="col">
              <span className="sr-only">Deed</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {hits.map((role, index) => (
            <tr key={role.arn} className={index === 0 ? "chosen" : ""}>
              <td className="first" title={role.arn}>
                <span className="font-medium">{role.name}</span>
                <span className="sub">
                  {role.accountName} <span className="whitespace-nowrap">{grouped(role.account)}</span>
                </span>
              </td>
              <td className="tight max-phone:hidden">{role.longest}</td>
              <td className="text-ink-2 max-phone:hidden">
                {role.frozen === null ? role.asksFor : `does not mint until ${clock(role.frozen)} UTC`}
              </td>
              <td className="tight end-cell">
                <a className={`button small ${index === 0 ? "main" : ""}`} href={role.href}>
                  Get credentials
                  <span className="sr-only">
                    {" "}
                    for {role.name} in {role.accountName}
                  </span>
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </RowKeys>
  );
}

/** Every word must be somewhere in name, account or description; names that begin with it come first. */
function found(roles: readonly ListedRole[], text: string): readonly ListedRole[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return roles;
  const hay = (role: ListedRole): string =>
    `${role.name} ${role.accountName} ${role.account} ${role.arn} ${role.description ?? ""}`.toLowerCase();
  const fitting = roles.filter((role) => words.every((word) => hay(role).includes(word)));
  const begins = (role: ListedRole): number => (role.name.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1);
  return [...fitting].sort((a, b) => begins(a) - begins(b));
}
