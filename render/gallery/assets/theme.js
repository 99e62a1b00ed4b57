// Dark or light: as the system has it, until somebody chooses. Before the body, so that nothing flashes.
"use strict";

const Theme = {
  system: matchMedia("(prefers-color-scheme: dark)"),
  chosen: null,

  open() {
    Theme.chosen = ["dark", "light"].find((name) => name === Store.read("smpl-render:theme")) ?? null;
    Theme.system.addEventListener("change", Theme.apply);
    Theme.apply();
  },

  apply() {
    document.documentElement.dataset.theme = Theme.chosen ?? (Theme.system.matches ? "dark" : "light");
  },

  toggle() {
    Theme.chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    Store.write("smpl-render:theme", Theme.chosen);
    Theme.apply();
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

Theme.open();
