/** Themes follow the system unless set; the choice is a cookie so that the first paint is right. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const themeCookie = "roletrail-theme";

export const themeOf = (value: string | undefined): Theme => themes.find((theme) => theme === value) ?? "system";
