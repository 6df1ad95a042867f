/** What stops a start is said in one plain sentence and one that would help; a stack is for faults only. */
export class StartRefusal extends Error {
  constructor(code, detail, help) {
    super(detail);
    this.code = code;
    this.help = help;
  }
}

export const hasCode = (error) => error instanceof StartRefusal;

export const say = (line) => process.stdout.write(`${line}\n`);

/** Progress goes to stderr: stdout keeps the links and the people. */
export const progress = (line) => process.stderr.write(`${line}\n`);

export function sentence(error) {
  process.stderr.write(`roletrail: ${error.message}\n`);
  if (error.help) process.stderr.write(`  ${error.help}\n`);
}

/** `12.3 s` since `began` (milliseconds). */
export const since = (began) => `${((Date.now() - began) / 1000).toFixed(1)} s`;
