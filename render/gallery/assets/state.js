// What the page shows, kept in its address, so that a link leads to the same.
"use strict";

const State = {
  tab: "sheets",
  sort: "",
  isDescending: true,
  search: "",
  // By column, [low, high): null where there is no end.
  ranges: new Map(),
  open: -1,
  size: "m",

  read() {
    const words = new URLSearchParams(location.hash.slice(1));
    State.tab = ["failures", "overview"].find((tab) => tab === words.get("tab")) ?? "sheets";
    const column = Data.findColumn(words.get("sort"));
    State.sort = column?.name ?? (words.get("sort") === "row" ? "row" : State.findDefaultSort());
    State.isDescending = words.has("order") ? words.get("order") === "down" : State.isDescendingByDefault(State.sort);
    State.search = words.get("search") ?? "";
    State.size = ["s", "m", "l"].find((size) => size === words.get("size")) ?? "m";
    State.ranges = new Map();
    for (const text of words.getAll("range")) {
      const [name, low, high] = text.split(":");
      const ends = [low, high].map((end) => (end === "" || !Number.isFinite(Number(end)) ? null : Number(end)));
      if (Data.findColumn(name) && ends.some((end) => end !== null)) State.ranges.set(name, ends);
    }
    State.open = words.has("sheet") ? Data.keys.indexOf(words.get("sheet")) : -1;
  },

  write(isStep = false) {
    const words = new URLSearchParams();
    if (State.tab !== "sheets") words.set("tab", State.tab);
    if (State.sort !== State.findDefaultSort()) words.set("sort", State.sort);
    if (State.isDescending !== State.isDescendingByDefault(State.sort)) words.set("order", State.isDescending ? "down" : "up");
    if (State.search) words.set("search", State.search);
    if (State.size !== "m") words.set("size", State.size);
    for (const [name, [low, high]] of State.ranges) words.append("range", `${name}:${low ?? ""}:${high ?? ""}`);
    if (State.open >= 0) words.set("sheet", Data.keys[State.open]);
    const address = `#${words}`;
    if (address === (location.hash || "#")) return;
    if (isStep) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
  },

  findDefaultSort() {
    const columns = Data.head.columns.filter((column) => column.worst);
    // Of a comparison by how much the better fit is better, of an audit how far joints are off.
    const find = (name) => columns.find((column) => column.name === name);
    return (find("gain") ?? find("reprojection") ?? columns[0])?.name ?? "row";
  },

  // The worst first.
  isDescendingByDefault(name) {
    return name !== "row" && Data.findColumn(name)?.worst !== "low";
  },
};
