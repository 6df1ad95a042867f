import { Fragment, type ReactNode } from "react";

/** A name as long as AWS allows them (64 and more, without a space) breaks behind its own marks before it breaks in a word. */
export function Soft({ name }: { name: string }): ReactNode {
  if (name.length <= 16) return name;
  const pieces = name.split(/(?<=[._/:@+=,-])|(?<=[a-z])(?=[A-Z])/);
  if (pieces.length === 1) return name;
  return pieces.map((piece, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one name, never reordered
    <Fragment key={index}>
      {index === 0 ? null : <wbr />}
      {piece}
    </Fragment>
  ));
}
