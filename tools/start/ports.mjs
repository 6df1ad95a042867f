import net from "node:net";
import { StartRefusal } from "./say.mjs";

export async function portsFree(world) {
  const wanted = world.kind === "sandbox" ? [0, 1, 2] : [0];
  const what = ["the app", "sign-in", "the sandbox's AWS"];
  for (const offset of wanted) {
    const port = world.port + offset;
    if (await isFree(port)) continue;
    world.release();
    throw new StartRefusal(
      "port",
      `Port ${port}, wanted for ${what[offset]}, is in use.`,
      `Stop what listens there, or choose another: npm start -- --port ${world.port + 100}`,
    );
  }
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
