import { type CastMember, cast } from "./cast.ts";
import { Random } from "./random.ts";
import type { Where } from "./shapes.ts";

const agents = [
  "aws-cli/2.31.4 md/awscrt#0.28.2 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard md/command#run",
  "aws-cli/2.31.4 md/awscrt#0.28.2 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython cfg/retry-mode#standard md/command#run",
  "Boto3/1.43.1 md/Botocore#1.43.1 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython cfg/retry-mode#legacy Botocore/1.43.1",
  "APN/1.0 HashiCorp/1.0 Terraform/1.13.2 (+https://www.terraform.io) terraform-provider-aws/6.14.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.0",
] as const;

export const browser = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0";

/** A person's own tool, at the office or at home; always the same person, always the same two places. */
export function whereOf(person: CastMember, random: Random): Where {
  const own = new Random("habits", person.sub);
  const home = own.chance(0.2)
    ? `2001:db8:${own.hex(4)}:${own.hex(4)}::${own.int(2, 99)}`
    : `192.0.2.${own.int(20, 250)}`;
  const agent = own.pick(agents);
  const office = `203.0.113.${own.int(10, 14)}`;
  return { ip: random.chance(0.6) ? office : home, agent: random.chance(0.85) ? agent : random.pick(agents) };
}

/** The place of whoever has that e-mail address, in a browser. */
export function personAt(email: string, random: Random): Where {
  const person = cast.find((member) => member.email.startsWith(email));
  return { ip: person === undefined ? "203.0.113.10" : whereOf(person, random).ip, agent: browser };
}
