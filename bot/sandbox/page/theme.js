/** Light or dark: the system's choice until someone makes their own, which this browser remembers. */

const KEY = "sandbox-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");

function remembered() {
  const theme = localStorage.getItem(KEY);
  return theme === "light" || theme === "dark" ? theme : null;
}

/** The theme shown now. */
export const currentTheme = () => remembered() ?? (system.matches ? "dark" : "light");

const told = new Set();

/** Hear of every change of the theme; returns a function that ends it. */
export function onTheme(run) {
  told.add(run);
  return () => told.delete(run);
}

function apply() {
  document.documentElement.dataset.theme = currentTheme();
  told.forEach((run) => run(currentTheme()));
}

/** Swap light and dark, and remember it. */
export function toggleTheme() {
  localStorage.setItem(KEY, currentTheme() === "dark" ? "light" : "dark");
  apply();
}

/** Show the right theme and follow the system while nobody chose. */
export function keepTheme() {
  system.addEventListener("change", apply);
  apply();
}
