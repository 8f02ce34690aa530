// Loaded in <head> without defer: the theme must stand before the first paint.
(() => {
  const KEY = "rete-theme";
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const remembered = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be switched off; the system's choice then holds
    }
  };
  const apply = () => {
    root.dataset.bsTheme = remembered() ?? (system.matches ? "dark" : "light");
  };

  apply();
  root.classList.add("js");
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-theme-toggle]");
    if (!button) return;
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Not remembered, still applied to this page.
    }
    root.dataset.bsTheme = next;
    button.setAttribute("aria-pressed", String(next === "dark"));
  });
})();
