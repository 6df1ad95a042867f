import { type AccessFile, accountOf, nameOf } from "./access.ts";
import { mintTag } from "./mint/checks.ts";

/** What the shapes of an access file cannot say: names that must meet, and what no road could carry. Empty: all is well. */
export function faultsOf(access: AccessFile): readonly string[] {
  return [
    ...repeated(access),
    ...unmet(access),
    ...access.roles.flatMap(roleFaults),
    ...access.grants.flatMap(grantFaults),
  ];
}

type Role = AccessFile["roles"][number];

function repeated({ accounts, roles, grants }: AccessFile): readonly string[] {
  const lists = [
    ["account id", accounts.map(({ id }) => id)],
    ["account name", accounts.map(({ name }) => name)],
    ["role", roles.map(({ arn }) => `${accountOf(arn)}/${nameOf(arn)}`)],
    ["grant", grants.map(({ name }) => name)],
  ] as const;
  return lists.flatMap(([what, names]) =>
    names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${what} ${name} is there twice`),
  );
}

function unmet({ accounts, roles, grants, powers }: AccessFile): readonly string[] {
  const ids = new Set(accounts.map(({ id }) => id));
  const arns = new Set(roles.map(({ arn }) => arn));
  const own = new Set(accounts.flatMap(({ broker, revoker, reader }) => [broker, revoker, reader]));
  return [
    ...roles
      .filter(({ arn }) => !ids.has(accountOf(arn)))
      .map(({ arn }) => `role ${arn} is in no account of this file`),
    ...roles.filter(({ arn }) => own.has(arn)).map(({ arn }) => `role ${arn} is Roletrail's own and cannot be lent`),
    ...grants.flatMap(({ name, roles: lent }) =>
      lent.filter((arn) => !arns.has(arn)).map((arn) => `grant “${name}” lends ${arn}, which is not among the roles`),
    ),
    ...powers.flatMap(({ accounts: over }) =>
      over === "*"
        ? []
        : over.filter((id) => !ids.has(id)).map((id) => `a power is over ${id}, which is no account of this file`),
    ),
  ];
}

/** STS: at most 50 tags, ours among them; no `aws:`; keys are the same whatever their case. */
const ownTagsMax = 49;
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

function roleFaults({ arn, road, external_id, tags }: Role): readonly string[] {
  const keys = Object.keys(tags);
  const lower = keys.map((key) => key.toLowerCase());
  const say = (wrong: boolean, what: string): readonly string[] => (wrong ? [`role ${arn}: ${what}`] : []);
  return [
    ...say(road === "web-identity" && external_id !== undefined, "the road web-identity has no external id"),
    ...say(keys.length > ownTagsMax, `at most ${ownTagsMax} tags`),
    ...say(new Set(lower).size !== lower.length, "two tags differ by case only, which AWS takes for one"),
    ...say(lower.includes(mintTag.toLowerCase()), `the tag ${mintTag} is Roletrail's own`),
    ...say(
      lower.some((key) => key === "" || key.startsWith("aws:")),
      "a tag's key is not empty and does not begin with aws:",
    ),
    ...say(
      [...keys, ...Object.values(tags)].some((text) => !tagText.test(text)),
      "tags have letters, digits, spaces and _ . : / = + - @ only",
    ),
  ];
}

function grantFaults({ name, groups, people }: AccessFile["grants"][number]): readonly string[] {
  return groups.length + people.length > 0 ? [] : [`grant “${name}” is for nobody`];
}
