/** Light or dark: as the system says, or as chosen here, which is remembered while it differs from the system. */
import { useCallback, useEffect, useState } from "preact/hooks";

const MEMORY = "diachinh.theme";
const DARK = "(prefers-color-scheme: dark)";

function chosen(): boolean | null {
  try {
    const kept = localStorage.getItem(MEMORY);
    return kept === "dark" ? true : kept === "light" ? false : null;
  } catch {
    return null; // storage may be forbidden; the system then says
  }
}

function remember(dark: boolean): void {
  try {
    if (dark === matchMedia(DARK).matches) localStorage.removeItem(MEMORY);
    else localStorage.setItem(MEMORY, dark ? "dark" : "light");
  } catch {
    // the choice then lasts as long as the page
  }
}

export const darkAtFirst = () => chosen() ?? matchMedia(DARK).matches;

/** Whether the page is dark, and how to turn it. */
export function useDark(): [dark: boolean, turn: () => void] {
  const [dark, setDark] = useState(darkAtFirst);
  useEffect(() => {
    const system = matchMedia(DARK);
    const follow = () => chosen() === null && setDark(system.matches);
    system.addEventListener("change", follow);
    return () => system.removeEventListener("change", follow);
  }, []);
  useEffect(() => {
    document.documentElement.dataset["theme"] = dark ? "dark" : "light";
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", dark ? "#171a1e" : "#f4eee0");
  }, [dark]);
  const turn = useCallback(() => {
    setDark((dark) => {
      remember(!dark);
      return !dark;
    });
  }, []);
  return [dark, turn];
}
