// The keyboard, and the help on it.
"use strict";

const HELP = [
  ["← → ↑ ↓", "move, also j and k for next and previous"],
  ["space, enter", "open a sheet, close it again"],
  ["f", "full size"],
  ["x, m", "mark"],
  ["c", "compare two pictures with a slider"],
  ["b", "blink between two pictures"],
  ["e", "export what is marked"],
  ["r", "turn the order round"],
  ["/", "search"],
  ["esc", "close"],
  ["?", "this help"],
];
const SEARCHES = [
  ["beach", "a part of an image's name"],
  ["4711", "a row, an annotation, or a part of a name"],
  ["reprojection>0.1", "a number, with > < >= <= = or !="],
  ["people=2 row<500", "several, of one person on the sheet"],
  ["image:train/", "a part of an image's name, and nothing else"],
  ["is:marked", "what is marked"],
];

const Keys = {
  open() {
    document.addEventListener("keydown", Keys.press);
    byId("help-button").addEventListener("click", Keys.showHelp);
  },

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    const isTyping = target.matches("input[type=search], textarea, select");
    if (event.key === "Escape") {
      if (isTyping) target.blur();
      Columns.hide();
      return;
    }
    if (isTyping) {
      if (event.key === "Enter" || event.key === "ArrowDown") {
        if (target.id === "search" && State.tab === "sheets") { event.preventDefault(); Grid.moveTo(0); }
      }
      return;
    }
    // Sliders, buttons and tabs keep the keys that they have.
    const isSlider = target.matches("input[type=range]");
    if (isSlider && /^(Arrow|Home|End|Page)/.test(event.key)) return;
    if (target.matches("button, a, summary, video") && (event.key === " " || event.key === "Enter")) return;
    if (target.matches("[role=tab]") && /^Arrow|Home|End/.test(event.key)) return;
    const action = Keys.find(event.key);
    if (!action) return;
    event.preventDefault();
    action();
  },

  find(key) {
    if (byId("help").open || byId("marks").open) return null;
    if (byId("detail").open) return Keys.findOfDetail(key);
    const common = { "/": () => byId("search").select() ?? byId("search").focus(), "?": Keys.showHelp };
    if (State.tab !== "sheets") return common[key];
    const sheet = () => Order.shown[Grid.current];
    const go = (step) => () => Grid.moveTo(Grid.current + step);
    const actions = {
      ...common,
      ArrowRight: go(1), j: go(1), ArrowLeft: go(-1), k: go(-1),
      ArrowDown: go(Grid.columns), ArrowUp: go(-Grid.columns),
      PageDown: go(Grid.countPerPage()), PageUp: go(-Grid.countPerPage()),
      Home: () => Grid.moveTo(0), End: () => Grid.moveTo(Order.shown.length - 1),
      " ": () => Detail.open(sheet()), Enter: () => Detail.open(sheet()),
      f: () => { Detail.isFull = true; Detail.open(sheet()); },
      x: () => Marks.toggle(sheet()), m: () => Marks.toggle(sheet()),
      e: Marks.show,
      r: () => { State.isDescending = !State.isDescending; App.update(); },
    };
    return Order.shown.length ? actions[key] : (common[key] ?? (key === "e" ? null : undefined));
  },

  findOfDetail(key) {
    const next = () => Detail.move(1);
    const previous = () => Detail.move(-1);
    return {
      ArrowRight: next, ArrowDown: next, j: next, ArrowLeft: previous, ArrowUp: previous, k: previous,
      " ": Detail.close, f: Detail.toggleFull, x: Detail.mark, m: Detail.mark,
      c: Stage.toggleCompare, b: Stage.blink, "?": Keys.showHelp,
    }[key];
  },

  showHelp() {
    const list = (rows) => make("dl", { class: "keys" }, rows.map(([key, text]) => make("div", {}, [make("dt", {}, [make("kbd", { text: key })]), make("dd", { text })])));
    const dialog = byId("help");
    dialog.replaceChildren(
      make("header", {}, [make("h2", { id: "help-title", text: "Keys and search" }), makeIconButton("close", "Close", () => dialog.close())]),
      list(HELP),
      make("h3", { text: "Search" }),
      list(SEARCHES),
      make("p", { class: "quiet", text: "The address of this page leads back to what it shows: sort, filters, search and the open sheet. Marks are kept by this browser." }),
    );
    dialog.showModal();
  },
};
