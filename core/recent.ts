/** The newest `max` values by name; who asks for an older one makes it anew. */
export interface Recent<V> {
  get(name: string): V | undefined;
  set(name: string, value: V): void;
}

export function recent<V>(max: number): Recent<V> {
  const values = new Map<string, V>();
  return {
    get: (name) => values.get(name),
    set: (name, value) => {
      values.delete(name);
      values.set(name, value);
      // A Map keeps the order of insertion: the first is the oldest.
      for (const oldest of values.keys()) {
        if (values.size <= max) break;
        values.delete(oldest);
      }
    },
  };
}
