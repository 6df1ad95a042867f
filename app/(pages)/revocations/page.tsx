import { page } from "../../page-of.tsx";
import { Empty, Head } from "../../parts/head.tsx";
import { RevocationsTable } from "../../parts/revocations-table.tsx";
import { read } from "../../reading.ts";

export const metadata = { title: "Revocations" };

export default page("/revocations", async ({ now }) => {
  const { revocations } = await read("revocations", {});
  return (
    <>
      <Head title="Revocations" lede="Who ended which sessions, why, and whether it bit." />
      <div className="body">
        <section className="card" aria-label="Revocations">
          {revocations.length === 0 ? (
            <Empty title="No revocation that you may see">
              A role’s page has the button Revoke older sessions for who holds the power; what it did shows here.
            </Empty>
          ) : (
            <RevocationsTable lines={revocations} now={now} />
          )}
        </section>
      </div>
    </>
  );
});
