import type { ReactNode } from "react";

/** A page's title with where it lies and what can be done there. */
export function Head({
  crumbs = [],
  title,
  lede,
  children,
}: {
  crumbs?: readonly { readonly words: string; readonly href: string }[];
  title: string;
  lede?: ReactNode;
  children?: ReactNode;
}): ReactNode {
  return (
    <header className="head">
      <div className="min-w-0">
        {crumbs.length === 0 ? null : (
          <nav className="crumbs" aria-label="Where this is">
            {crumbs.map(({ words, href }, index) => (
              <span key={href}>
                {index === 0 ? null : " / "}
                <a href={href}>{words}</a>
              </span>
            ))}
          </nav>
        )}
        <h1>{title}</h1>
        {lede === undefined ? null : <div className="lede">{lede}</div>}
      </div>
      {children === undefined ? null : <div className="deeds">{children}</div>}
    </header>
  );
}

/** A card with its heading and what stands opposite it. */
export function Card({
  title,
  aside,
  children,
  footer,
  id,
}: {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  id?: string;
}): ReactNode {
  return (
    <section className="card" id={id} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside === undefined ? null : <span className="aside">{aside}</span>}
      </header>
      {children}
      {footer === undefined ? null : <footer>{footer}</footer>}
    </section>
  );
}

/** What would fill an empty place, and how. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <b>{title}</b>
      {children}
    </div>
  );
}
