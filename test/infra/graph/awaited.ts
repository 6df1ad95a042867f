/** The keys of core/store's DynamoDB tables (docs/decisions/0200). */
export const tableShape = { hashKey: "partition", rangeKey: "sort", ttl: "ttl" } as const;
