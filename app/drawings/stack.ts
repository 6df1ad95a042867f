export const stackNames = ["service", "broker", "outside", "refused"] as const;
export type Stack = Readonly<Record<(typeof stackNames)[number], number>> & { readonly at: string };

/** A module of its own: a server component cannot call what a client module exports. */
export const stackTotal = (stack: Stack): number => stackNames.reduce((sum, name) => sum + stack[name], 0);
