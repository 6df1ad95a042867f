// The built Lambda handler in a process of its own, as Lambda would load it: events on stdin, answers on stdout.
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const { handler } = await import(pathToFileURL(process.argv[2]).href);
const events = JSON.parse(await text(process.stdin));
const answers = [];
for (const event of events) answers.push(await handler(event, { awsRequestId: "a", functionName: "web" }));
process.stdout.write(`\n${JSON.stringify(answers)}`, () => process.exit(0));
