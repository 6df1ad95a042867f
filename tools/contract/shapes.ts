/** A CloudTrail record as it came. */
export type TrailRecord = { readonly [name: string]: unknown };

/** Which JSON types stand at which path, over all records of one kind. */
type Shape = ReadonlyMap<string, ReadonlySet<string>>;

export interface ShapeDiff {
  /** Kinds that both sides have. */
  readonly compared: readonly string[];
  /** One sentence a difference. */
  readonly differences: readonly string[];
  /** Kinds that one side alone has: nothing can be said of them. */
  readonly alone: readonly string[];
}

/** Compares the records of the same calls: what AWS writes where the sandbox does not, and the other way round. */
export function shapeDiff(aws: readonly TrailRecord[], sandbox: readonly TrailRecord[]): ShapeDiff {
  const [theirs, ours] = [shapesOf(aws), shapesOf(sandbox)];
  const compared = [...theirs.keys()].filter((kind) => ours.has(kind)).sort();
  return {
    compared,
    differences: compared.flatMap((kind) => differing(kind, theirs.get(kind), ours.get(kind))),
    alone: [...only(theirs, ours, "AWS"), ...only(ours, theirs, "the sandbox")],
  };
}

const only = (some: ReadonlyMap<string, Shape>, others: ReadonlyMap<string, Shape>, who: string): string[] =>
  [...some.keys()].filter((kind) => !others.has(kind)).map((kind) => `${kind}: in the records of ${who} alone`);

function differing(kind: string, aws: Shape = new Map(), sandbox: Shape = new Map()): string[] {
  const paths = [...new Set([...aws.keys(), ...sandbox.keys()])].sort();
  const told = (types: ReadonlySet<string> | undefined): string => [...(types ?? [])].sort().join(" or ");
  return paths.flatMap((path) => {
    const [there, here] = [told(aws.get(path)), told(sandbox.get(path))];
    if (there === here) return [];
    return [`${kind}: ${path} is ${there || "absent"} at AWS, ${here || "absent"} in the sandbox`];
  });
}

/** One kind a call, sort of caller and end: those differ by design. */
function shapesOf(records: readonly TrailRecord[]): Map<string, Shape> {
  const shapes = new Map<string, Map<string, Set<string>>>();
  for (const record of records) {
    const kind = kindOf(record);
    const shape = shapes.get(kind) ?? new Map<string, Set<string>>();
    shapes.set(kind, shape);
    walk(record, "", (path, type) => shape.set(path, (shape.get(path) ?? new Set()).add(type)));
  }
  return shapes;
}

function kindOf(record: TrailRecord): string {
  const identity = record["userIdentity"];
  const caller = isObject(identity) ? String(identity["type"]) : "nobody";
  const end = record["errorCode"] === undefined ? "answered" : String(record["errorCode"]);
  return `${String(record["eventName"])} by ${caller}, ${end}`;
}

/** Items of a list share one path: how many there are is no shape. */
function walk(value: unknown, path: string, found: (path: string, type: string) => void): void {
  if (path !== "") found(path, typeOf(value));
  if (Array.isArray(value)) for (const item of value) walk(item, `${path}[]`, found);
  else if (isObject(value))
    for (const [name, inner] of Object.entries(value)) walk(inner, path === "" ? name : `${path}.${name}`, found);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : typeof value;
}

const isObject = (value: unknown): value is TrailRecord => typeof value === "object" && value !== null;
