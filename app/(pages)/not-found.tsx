import type { ReactNode } from "react";
import { NothingHere } from "../parts/nothing-here.tsx";

export default function NotFound(): ReactNode {
  return <NothingHere />;
}
