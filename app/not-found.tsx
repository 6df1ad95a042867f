import type { ReactNode } from "react";
import { NothingHere } from "./parts/nothing-here.tsx";
import { Brand } from "./shell/brand.tsx";

export const metadata = { title: "Nothing is here" };

export default function NotFound(): ReactNode {
  return (
    <>
      <header className="top">
        <Brand />
      </header>
      <main id="page" className="page">
        <NothingHere />
      </main>
    </>
  );
}
