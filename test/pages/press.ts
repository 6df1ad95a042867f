import { expect, type Locator } from "@playwright/test";

/**
 * A page is drawn before its script is there: until then a click opens nothing or sends a form the browser's own way, and
 * what was typed may be lost. React marks each element that it has taken hold of.
 */
export async function alive(element: Locator): Promise<Locator> {
  await expect(async () => {
    const taken = await element.evaluate((node) => Object.keys(node).some((key) => key.startsWith("__reactProps$")));
    expect(taken).toBe(true);
  }).toPass({ timeout: 30_000 });
  return element;
}

export async function press(button: Locator): Promise<void> {
  await (await alive(button)).click();
}
