// The list of columns: one of them sorts, and its histogram filters.
"use strict";

// Numbers that say who it is, not how good.
const NAMES = ["annotation", "person"];
// Of a comparison what one asks first.
const FIRST = ["gain", "winner"];

const Columns = {
  filter: null,

  // Those that tell good from bad come first.
  list() {
    const columns = Data.head.columns.filter((column) => !NAMES.includes(column.name));
    const place = ({ name, worst }) => (FIRST.includes(name) ? FIRST.indexOf(name) : worst ? FIRST.length : FIRST.length + 1);
    return columns.sort((a, b) => place(a) - place(b));
  },

  make() {
    const items = [Columns.makeItem(null), ...Columns.list().map(Columns.makeItem)];
    byId("columns").replaceChildren(
      make("header", {}, [make("h2", { text: "Sort and filter" }), makeIconButton("close", "Close", Columns.hide)]),
      make("ul", {}, items),
    );
    Columns.update();
  },

  makeItem(column) {
    const name = column?.name ?? "row";
    const badge = column?.worst ? make("span", { class: `end ${column.worst}`, "aria-hidden": "true", title: `${column.worst} is bad` }) : "";
    const button = make("button", { type: "button", class: "column", "aria-expanded": "false", click: () => Columns.choose(name) }, [
      make("span", { class: "name", text: column ? name.replaceAll("_", " ") : "order of rows" }),
      badge,
      make("span", { class: "range" }),
      column ? Histogram.makeSmall(column) : "",
    ]);
    return make("li", { "data-name": name }, [button, make("div", { class: "body", hidden: true })]);
  },

  choose(name) {
    if (State.sort === name) return;
    State.sort = name;
    State.isDescending = State.isDescendingByDefault(name);
    App.update();
  },

  // Opens what sorts, closes all others, and says where filters are.
  update() {
    for (const item of byId("columns").querySelectorAll("li")) {
      const name = item.dataset.name;
      const isOpen = name === State.sort;
      const body = item.lastElementChild;
      item.classList.toggle("open", isOpen);
      item.classList.toggle("filtered", State.ranges.has(name));
      item.firstElementChild.setAttribute("aria-expanded", String(isOpen));
      item.querySelector(".range").textContent = State.ranges.has(name) ? "filtered" : "";
      if (isOpen && body.hidden) Columns.fill(body, Data.findColumn(name));
      if (!isOpen && !body.hidden) body.replaceChildren();
      body.hidden = !isOpen;
      if (isOpen) Columns.showDirection(body, Data.findColumn(name));
    }
    Columns.filter?.update();
  },

  fill(body, column) {
    Columns.filter = null;
    const direction = make("div", { class: "segments", role: "group", "aria-label": "Order" });
    body.append(column ? make("p", { class: "about", text: column.about }) : "", direction);
    if (!column || column.choices.length) {
      if (column) body.append(Columns.makeChoices(column));
      return;
    }
    if (Histogram.isFlat(column)) {
      body.append(make("p", { class: "about", text: `All that are known are ${formatWithUnit(column, column.quantiles[0])}.` }));
      return;
    }
    const change = later(30, (low, high) => {
      if (low === null && high === null) State.ranges.delete(column.name);
      else State.ranges.set(column.name, [low, high]);
      App.update();
    });
    Columns.filter = Histogram.makeFilter(column, change);
    body.append(Columns.filter.element);
  },

  makeChoices(column) {
    const buttons = column.choices.map((choice, place) =>
      make("button", { type: "button", class: "chip", click: () => App.search(`${column.name}=${/\s/.test(choice) ? `"${choice}"` : choice}`) }, [
        makeForeign(choice), make("span", { class: "count", text: ` ${formatCount(column.counts[place])}` }),
      ]),
    );
    return make("div", { class: "row" }, buttons);
  },

  showDirection(body, column) {
    const [down, up] = !column
      ? ["Last first", "First first"]
      : column.worst === "high" ? ["Worst first", "Best first"]
      : column.worst === "low" ? ["Best first", "Worst first"] : ["Highest first", "Lowest first"];
    const listed = [["down", down], ["up", up]];
    // What one wants to see first comes first.
    if (!State.isDescendingByDefault(column?.name ?? "row")) listed.reverse();
    const choose = (value) => {
      State.isDescending = value === "down";
      App.update();
    };
    const segments = body.querySelector(".segments");
    const focused = [...segments.children].indexOf(document.activeElement);
    segments.replaceChildren(...makeSegments(listed, State.isDescending ? "down" : "up", choose));
    segments.children[focused]?.focus();
  },

  // On narrow screens the list lies over the sheets.
  show() {
    document.body.classList.add("columns-open");
    byId("columns-button").setAttribute("aria-expanded", "true");
    byId("columns").querySelector("li.open button, li button")?.focus();
  },

  hide() {
    if (!document.body.classList.contains("columns-open")) return;
    document.body.classList.remove("columns-open");
    byId("columns-button").setAttribute("aria-expanded", "false");
    byId("columns-button").focus();
  },

  // Filters as chips, each with a way to take it away.
  showChips() {
    const chips = [...State.ranges].map(([name, [low, high]]) => {
      const column = Data.findColumn(name);
      const text =
        low === null ? `< ${formatWithUnit(column, high)}`
        : high === null ? `≥ ${formatWithUnit(column, low)}` : `${formatNumber(column, low)} – ${formatWithUnit(column, high)}`;
      return make("button", {
        type: "button", class: "chip", "aria-label": `Remove the filter ${name} ${text}`,
        click: () => { State.ranges.delete(name); App.update(); },
      }, [make("b", { text: name.replaceAll("_", " ") }), ` ${text}`, makeIcon("close")]);
    });
    byId("chips").replaceChildren(...chips);
  },
};
