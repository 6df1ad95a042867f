import { ask } from "../invoke.ts";

export default async function Page() {
  const status = await ask("status", {});
  return <pre>{JSON.stringify(status)}</pre>;
}
