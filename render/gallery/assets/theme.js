// Dark or light: as the system has it, until somebody chooses. Before the body, so that nothing flashes.
"use strict";

const Theme = {
  apply(name) {
    if (name === "dark" || name === "light") document.documentElement.dataset.theme = name;
  },

  toggle() {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const shown = document.documentElement.dataset.theme || (isDark ? "dark" : "light");
    const next = shown === "dark" ? "light" : "dark";
    Theme.apply(next);
    Store.write("smpl-render:theme", next);
  },
};

// What the browser keeps for this page. It may be told to keep nothing.
const Store = {
  read(name) {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  },

  write(name, text) {
    try {
      localStorage.setItem(name, text);
      return true;
    } catch {
      return false;
    }
  },
};

Theme.apply(Store.read("smpl-render:theme"));
