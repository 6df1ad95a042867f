import type { Adapter, AdapterPayload } from "oidc-provider";

/**
 * What the provider remembers (sessions, codes, journeys), in this process only: a restart of the sandbox ends the
 * company's sign-ins, as it may. The library's own memory forgets the oldest beyond 1,000 entries, among them people
 * who are still signed in, and warns on every start.
 */
export class Memory implements Adapter {
  static readonly #rows = new Map<string, { payload: AdapterPayload; expiresAt: number }>();
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    Memory.#sweep();
    Memory.#rows.set(this.#key(id), { payload, expiresAt: Date.now() + expiresIn * 1000 });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const row = Memory.#rows.get(this.#key(id));
    return row === undefined || row.expiresAt <= Date.now() ? undefined : row.payload;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#first((payload) => payload.uid === uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#first((payload) => payload.userCode === userCode);
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    Memory.#rows.delete(this.#key(id));
  }

  /** Of one kind only: the provider asks each kind in turn. */
  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, { payload }] of Memory.#rows)
      if (key.startsWith(`${this.#model}:`) && payload.grantId === grantId) Memory.#rows.delete(key);
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }

  #first(is: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const [key, { payload, expiresAt }] of Memory.#rows)
      if (key.startsWith(`${this.#model}:`) && expiresAt > Date.now() && is(payload)) return payload;
    return undefined;
  }

  static #sweep(): void {
    if (Memory.#rows.size % sweepEvery !== 0) return;
    for (const [key, { expiresAt }] of Memory.#rows) if (expiresAt <= Date.now()) Memory.#rows.delete(key);
  }
}

const sweepEvery = 256;
