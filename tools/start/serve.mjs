import { announce, offerLinks } from "./announce.mjs";
import { begin, ended, readiness } from "./child.mjs";
import { progress, StartRefusal, sentence } from "./say.mjs";

const restartEvery = 60_000;

/** Starts sandbox, functions and web in this order, each waited for, and stays until a signal. */
export async function serve(world, began) {
  const family = new Family(world);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void family.stop(0));
  try {
    const sandbox = world.kind === "sandbox" ? await family.start("sandbox") : {};
    const functions = await family.start("functions");
    await family.start("web");
    announce(world, { ...sandbox, ...functions }, family.pids(), began);
    offerLinks(world, family);
  } catch (error) {
    sentence(error);
    await family.stop(1);
  }
}

export class Family {
  children = new Map();
  stopping = false;
  functionsBegan = 0;
  told = [];

  constructor(world) {
    this.world = world;
  }

  pids = () => [...this.children].map(([name, child]) => [name, child.pid]);

  start(name) {
    const child = this.took(name, begin(name, this.world));
    return readiness(name, child, this.world);
  }

  took(name, child) {
    this.children.set(name, child);
    child.on("exit", () => this.gone(name, child));
    if (name === "functions") {
      this.functionsBegan = Date.now();
      for (const tell of this.told) tell(child);
    }
    return child;
  }

  /** Tells of the functions process that runs, and of each that is started after it. */
  eachFunctions(tell) {
    this.told.push(tell);
    const running = this.children.get("functions");
    if (running !== undefined) tell(running);
  }

  gone(name, child) {
    if (this.stopping || this.children.get(name) !== child) return;
    this.children.delete(name);
    if (name === "functions" && child.wasReady) return this.restartFunctions();
    sentence(new StartRefusal("child", `The ${name} process ended.`, "The lines above say why."));
    void this.stop(1);
  }

  /** At most once a minute: a fault at every start must not burn the machine. Pages say so meanwhile. */
  restartFunctions() {
    const wait = Math.max(0, this.functionsBegan + restartEvery - Date.now());
    progress(`functions ended; starting them again${wait > 0 ? ` in ${Math.ceil(wait / 1000)} s` : ""}`);
    setTimeout(() => void this.start("functions").catch(sentence), wait);
  }

  async stop(code) {
    if (this.stopping) return;
    this.stopping = true;
    await Promise.all([...this.children.values()].map(ended));
    this.world.release();
    process.exit(code);
  }
}
