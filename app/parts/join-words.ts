import { isJoinedBy, type JoinedBy, joinWords } from "../drawings/lineage.tsx";

/** A join's method as a sentence; an unknown word of a newer question stays as it is. */
export const joinSentence = (by: string): string => (isJoinedBy(by) ? joinWords[by] : by);

export const joinedBy = (by: string): JoinedBy => (isJoinedBy(by) ? by : "unresolved");
