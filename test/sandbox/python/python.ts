import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");

/**
 * A Python that has boto3 and the AWS CLI: the machine's own, else one made in `.cache/python` with the pinned ones.
 * Undefined, with the reason on stderr, where there is none and none can be made. Under CI=true that is an error.
 */
export function findPython(): string | undefined {
  const made = path.join(root, ".cache/python", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const ready = [made, "python3", "python"].find(hasClients);
  if (ready !== undefined) return ready;
  const reason = makeOne(made);
  if (reason === undefined) return made;
  const sentence = `boto3 and the AWS CLI are not here: ${reason}`;
  if (process.env["CI"] === "true") throw new Error(sentence);
  console.error(`skipped: ${sentence}`);
  return undefined;
}

const hasClients = (python: string): boolean =>
  (!path.isAbsolute(python) || existsSync(python)) &&
  spawnSync(python, ["-c", "import boto3, awscli"], { stdio: "ignore" }).status === 0;

function makeOne(made: string): string | undefined {
  const python = ["python3", "python"].find((one) => spawnSync(one, ["--version"], { stdio: "ignore" }).status === 0);
  if (python === undefined) return "there is no Python.";
  const venv = spawnSync(python, ["-m", "venv", path.join(root, ".cache/python")], { encoding: "utf8" });
  if (venv.status !== 0) return `python -m venv failed: ${venv.stderr.trim()}`;
  const requirements = path.join(import.meta.dirname, "requirements.txt");
  const pip = spawnSync(made, ["-m", "pip", "install", "--quiet", "-r", requirements], { encoding: "utf8" });
  return pip.status === 0 ? undefined : `pip install failed: ${pip.stderr.trim().split("\n").at(-1)}`;
}
