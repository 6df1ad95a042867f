"use client";

import { Menu } from "@base-ui/react/menu";
import { type ReactNode, useState } from "react";
import { signOut } from "../browser/sign-out.ts";
import { type Theme, themeCookie, themeOf, themes } from "../theme.ts";
import { initials } from "../words.ts";

const themeWords: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

/** Who is signed in, the theme, the keys, and signing out. */
export function PersonMenu({ name, theme }: { name: string; theme: Theme }): ReactNode {
  const [chosen, setChosen] = useState(theme);
  const choose = (value: unknown): void => {
    const next = themeOf(String(value));
    setChosen(next);
    applyTheme(next);
  };
  return (
    <Menu.Root>
      <Menu.Trigger className="who" aria-label={`${name}: theme, keys, sign out`}>
        <b aria-hidden="true">{initials(name)}</b>
        <span>{name}</span>
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" style={{ zIndex: 40 }}>
          <Menu.Popup className="menu">
            <div className="label">{name}</div>
            <Menu.RadioGroup value={chosen} onValueChange={choose} aria-label="Theme">
              {themes.map((value) => (
                <Menu.RadioItem key={value} value={value} closeOnClick={false}>
                  {themeWords[value]}
                  <Menu.RadioItemIndicator>✓</Menu.RadioItemIndicator>
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Separator />
            <Menu.Item onClick={() => document.dispatchEvent(new Event("roletrail:keys"))}>
              Keys <kbd>?</kbd>
            </Menu.Item>
            <Menu.Separator />
            <Menu.Item onClick={() => void signOut(false)}>Sign out</Menu.Item>
            <Menu.Item onClick={() => void signOut(true)}>Sign out of the company too</Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function applyTheme(theme: Theme): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in Firefox yet, and this is no secret
  document.cookie = `${themeCookie}=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
  if (theme === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", theme);
}
