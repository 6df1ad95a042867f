/** Epoch seconds are the story's time; CloudTrail's records carry whole seconds. */
export const minute = 60;
export const hour = 3600;
export const day = 86_400;

export const isoOf = (at: number): string => `${new Date(at * 1000).toISOString().slice(0, 19)}Z`;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `Jul 29, 2026, 9:05:01 PM`: how CloudTrail writes an expiration. */
export function localeOf(at: number): string {
  const date = new Date(at * 1000);
  const hours = date.getUTCHours();
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = `${hours % 12 === 0 ? 12 : hours % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}, ${time} ${hours < 12 ? "AM" : "PM"}`;
}

/** 0 is Sunday. */
export const weekdayOf = (at: number): number => new Date(at * 1000).getUTCDay();

export const isWeekend = (at: number): boolean => weekdayOf(at) % 6 === 0;
