/** Epoch seconds are the story's time; CloudTrail's records carry whole seconds. */
export const minute = 60;
export const hour = 3600;
export const day = 86_400;

let lastDay = -1;
let lastDate = "";

/** Days repeat a million times, so their text is kept. */
function dateOf(at: number): string {
  const whole = Math.floor(at / day);
  if (whole !== lastDay) {
    lastDay = whole;
    lastDate = new Date(whole * day * 1000).toISOString().slice(0, 10);
  }
  return lastDate;
}

const two = Array.from({ length: 60 }, (_, index) => String(index).padStart(2, "0"));

export function isoOf(at: number): string {
  const second = at % day;
  return `${dateOf(at)}T${two[Math.floor(second / 3600)]}:${two[Math.floor(second / 60) % 60]}:${two[second % 60]}Z`;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** `Jul 29, 2023, 9:05:01 PM`: how CloudTrail writes an expiration. */
export function localeOf(at: number): string {
  const [year, month, date] = dateOf(at).split("-");
  const second = at % day;
  const hour = Math.floor(second / 3600);
  const minutes = two[Math.floor(second / 60) % 60];
  return `${months[Number(month) - 1]} ${Number(date)}, ${year}, ${hour % 12 === 0 ? 12 : hour % 12}:${minutes}:${two[second % 60]} ${hour < 12 ? "AM" : "PM"}`;
}

/** 0 is Sunday. */
export const weekdayOf = (at: number): number => new Date(at * 1000).getUTCDay();

export const isWeekend = (at: number): boolean => weekdayOf(at) % 6 === 0;
