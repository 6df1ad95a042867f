import { expect, test } from "vitest";
import { answer, loaded } from "./answers.ts";
import { assumeRole, at, roleArn, trailOf, user } from "./aws-records.ts";

const day = 86_400;

test("three sessions in one hour come before five in five days: a burst says more than a routine", async () => {
  const routine = [0, 1, 2, 3, 4].map((n) =>
    assumeRole(user("supplier"), n * day, { role: "Monitor", session: "nightly", key: `ASIAROUTINE${n}` }),
  );
  const burst = [0, 1, 2].map((n) =>
    assumeRole(user("thief"), 2 * day + n * 600, { role: "Vault", session: "s", key: `ASIABURST${n}` }),
  );
  const store = await loaded(trailOf([...routine, ...burst]));
  const rows = await answer(store.writer, "look-first", { since: at(-day), until: at(6 * day) });
  store.close();
  expect(rows.filter(({ kind }) => kind === "outside")).toMatchObject([
    { role: roleArn("Vault"), times: 3 },
    { role: roleArn("Monitor"), times: 5 },
  ]);
});
