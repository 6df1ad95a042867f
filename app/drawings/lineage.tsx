import type { ReactNode } from "react";

export type JoinedBy =
  | "root"
  | "key"
  | "tag"
  | "principal+creationDate"
  | "sharedEventID"
  | "sourceIdentity"
  | "unresolved"
  | "ambiguous";

export interface Station {
  /** What it is called; hostile text. */
  readonly name: string;
  readonly title?: string;
  readonly href?: string | null;
  readonly as: "person" | "outside" | "service" | "role";
  /** How this station was joined to the one before it; null for the first. */
  readonly joined: { readonly by: JoinedBy; readonly why: string } | null;
}

/** Lineage: person, role, role. The connector is drawn by how it was joined; its reason shows on hover and focus. */
export function Lineage({ stations }: { stations: readonly Station[] }): ReactNode {
  return (
    <ol className="lineage" aria-label="Lineage">
      {stations.map((station, index) => (
        // Stations have no identity but their place: the same role may come twice.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <li key={index}>
          {station.joined === null ? null : <Join by={station.joined.by} why={station.joined.why} />}
          <Chip station={station} />
        </li>
      ))}
    </ol>
  );
}

function Chip({ station }: { station: Station }): ReactNode {
  const style = station.as === "role" ? "role-chip" : `person-chip ${station.as}`;
  if (station.href === undefined || station.href === null)
    return (
      <span className={style} title={station.title}>
        {station.name}
      </span>
    );
  return (
    <a className={style} href={station.href} title={station.title}>
      {station.name}
    </a>
  );
}

function Join({ by, why }: { by: JoinedBy; why: string }): ReactNode {
  const words = why === "" ? joinWords[by] : `${joinWords[by]}: ${why}`;
  return (
    <button type="button" className="join" data-join={joinStyles[by]} aria-label={words}>
      <span className="tip" aria-hidden="true">
        {words}
      </span>
    </button>
  );
}

export const joinStyles: Record<JoinedBy, "solid" | "dashed" | "dotted"> = {
  root: "solid",
  key: "solid",
  tag: "solid",
  "principal+creationDate": "solid",
  sharedEventID: "solid",
  sourceIdentity: "dashed",
  unresolved: "dotted",
  ambiguous: "dotted",
};

export const joinWords: Record<JoinedBy, string> = {
  root: "the caller itself",
  key: "joined by access key",
  tag: "joined by the tag RoletrailMint",
  "principal+creationDate": "joined by principal and creation time",
  sharedEventID: "joined by sharedEventID",
  sourceIdentity: "joined by source identity",
  unresolved: "not resolved",
  ambiguous: "more than one session fits",
};

export const isJoinedBy = (text: unknown): text is JoinedBy =>
  typeof text === "string" && Object.hasOwn(joinWords, text);
