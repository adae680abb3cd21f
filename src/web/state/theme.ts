/** Light, dark, or as the system has it. */
import { effect, signal } from "@preact/signals";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const store = "theme";
const kept = localStorage.getItem(store);
export const theme = signal<Theme>(themes.find((t) => t === kept) ?? "system");

const systemDark = matchMedia("(prefers-color-scheme: dark)");
/** Changes whenever colours do: what is drawn on a canvas does not follow by itself. */
export const dark = signal(systemDark.matches);

export function followTheme(): void {
  const look = (): void => {
    dark.value = theme.value === "dark" || (theme.value === "system" && systemDark.matches);
  };
  systemDark.addEventListener("change", look);
  effect(() => {
    if (theme.value === "system") {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(store);
    } else {
      document.documentElement.dataset.theme = theme.value;
      localStorage.setItem(store, theme.value);
    }
    look();
  });
}
