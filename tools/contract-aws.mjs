// `npm run contract:aws -- --account 123456789012 --yes`: what only a real AWS account can prove. docs/contract-aws.md.
import { bundled } from "./bundled.mjs";

const { main } = await bundled("tools/contract/main.ts");
process.exitCode = await main(process.argv.slice(2));
