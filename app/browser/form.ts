/** Fields of a form over a round trip of the sign-in, in this tab only, taken once. Passwords and codes are left out. */
export function keepFields(form: HTMLFormElement): void {
  const kept = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !isSecret(form, name));
  sessionStorage.setItem(placeOf(form), JSON.stringify(kept));
}

/** What was kept of this form, by field name; for forms whose fields React holds. */
export function takeFields(form: HTMLFormElement): Readonly<Record<string, string>> {
  const place = placeOf(form);
  const text = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  const kept: unknown = text === null ? [] : JSON.parse(text);
  if (!Array.isArray(kept)) return {};
  return Object.fromEntries(kept.filter(isField));
}

/** Puts kept fields back into the form's own controls, with the events that a person's typing would have made. */
export function restoreFields(form: HTMLFormElement): void {
  for (const [name, value] of Object.entries(takeFields(form))) {
    const control = form.elements.namedItem(name);
    if (control instanceof RadioNodeList) control.value = value;
    else if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = true;
    else if (
      control instanceof HTMLInputElement ||
      control instanceof HTMLSelectElement ||
      control instanceof HTMLTextAreaElement
    ) {
      control.value = value;
      control.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

const placeOf = (form: HTMLFormElement): string => `roletrail-form:${location.pathname}:${form.name || form.id}`;

const isField = (given: unknown): given is [string, string] =>
  Array.isArray(given) && typeof given[0] === "string" && typeof given[1] === "string";

function isSecret(form: HTMLFormElement, name: string): boolean {
  const control = form.elements.namedItem(name);
  if (!(control instanceof HTMLInputElement)) return false;
  return control.type === "password" || control.autocomplete === "one-time-code" || "secret" in control.dataset;
}
