// The grid: of all sheets only those that can be seen are elements.
"use strict";

const WIDTHS = { s: 150, m: 230, l: 360 };
const GAP = 14;
const CAPTION = 48;
// Rows above and below those that are seen.
const SPARE = 3;
// No browser takes an element that is much higher; beyond, scrolling goes in larger steps.
const MOST_PX = 12e6;

const Grid = {
  columns: 1,
  rowHeight: 1,
  pictureHeight: 1,
  // Rows that are elements now, by their number.
  rows: new Map(),
  spare: [],
  // Place in the order that the keyboard is at.
  current: 0,
  lastTop: 0,

  open() {
    byId("scroller").addEventListener("scroll", () => {
      if (!Grid.frame) Grid.frame = requestAnimationFrame(Grid.draw);
    }, { passive: true });
    new ResizeObserver(() => Grid.layOut(true)).observe(byId("scroller"));
    byId("grid").addEventListener("click", (event) => {
      const cell = event.target.closest(".cell");
      if (!cell) return;
      Grid.current = Number(cell.dataset.place);
      if (event.target.closest(".mark")) Marks.toggle(Order.shown[Grid.current]);
      else Detail.open(Order.shown[Grid.current]);
    });
    byId("grid").addEventListener("focusin", (event) => {
      const cell = event.target.closest(".cell");
      if (cell) Grid.setCurrent(Number(cell.dataset.place));
    });
  },

  // Shows the order anew, from its beginning unless it is the same sheets as before.
  show(isSame = false) {
    Grid.current = isSame ? Math.min(Grid.current, Math.max(0, Order.shown.length - 1)) : 0;
    if (!isSame) byId("scroller").scrollTop = 0;
    Grid.layOut(isSame);
  },

  layOut(keepsPlace = false) {
    const scroller = byId("scroller");
    const width = scroller.clientWidth - 2 * GAP;
    if (width <= 0) return;
    const first = keepsPlace ? Math.floor(Grid.findTop() / Grid.rowHeight) * Grid.columns : 0;
    const wish = Math.min(WIDTHS[State.size], (width - GAP) / (State.size === "l" ? 1 : 2));
    Grid.columns = Math.max(1, Math.round((width + GAP) / (wish + GAP)));
    const cell = (width - (Grid.columns - 1) * GAP) / Grid.columns;
    Grid.pictureHeight = Math.round(cell / Data.findAspect());
    Grid.rowHeight = Grid.pictureHeight + CAPTION + GAP;
    const rows = Math.ceil(Order.shown.length / Grid.columns);
    Grid.height = rows * Grid.rowHeight + GAP;
    const grid = byId("grid");
    grid.style.height = `${Math.min(Grid.height, MOST_PX)}px`;
    grid.style.setProperty("--columns", Grid.columns);
    grid.style.setProperty("--picture", `${Grid.pictureHeight}px`);
    grid.setAttribute("aria-rowcount", rows);
    grid.setAttribute("aria-colcount", Grid.columns);
    Grid.release([...Grid.rows.keys()]);
    if (keepsPlace) Grid.scrollTo(Math.floor(first / Grid.columns) * Grid.rowHeight);
    Grid.draw();
  },

  // How far all sheets are scrolled, where they may be higher than what is scrolled.
  findTop() {
    const scroller = byId("scroller");
    const most = Math.min(Grid.height, MOST_PX) - scroller.clientHeight;
    return most > 0 ? (scroller.scrollTop / most) * (Grid.height - scroller.clientHeight) : 0;
  },

  scrollTo(top) {
    const scroller = byId("scroller");
    const most = Math.min(Grid.height, MOST_PX) - scroller.clientHeight;
    scroller.scrollTop = (top / Math.max(1, Grid.height - scroller.clientHeight)) * most;
  },

  draw() {
    Grid.frame = 0;
    const scroller = byId("scroller");
    const top = Grid.findTop();
    const rows = Math.ceil(Order.shown.length / Grid.columns);
    const first = Math.max(0, Math.floor(top / Grid.rowHeight) - SPARE);
    const last = Math.min(rows, Math.ceil((top + scroller.clientHeight) / Grid.rowHeight) + SPARE);
    // Whoever drags through thousands of sheets waits for none of them.
    const isFast = Math.abs(top - Grid.lastTop) > 3 * scroller.clientHeight;
    Grid.lastTop = top;
    const shift = scroller.scrollTop - top + GAP;
    Grid.release([...Grid.rows.keys()].filter((row) => row < first || row >= last));
    for (let row = first; row < last; row++) {
      if (!Grid.rows.has(row)) Grid.fill(row, isFast);
      Grid.rows.get(row).style.transform = `translateY(${Math.round(row * Grid.rowHeight + shift)}px)`;
    }
    for (const element of Grid.spare.splice(0)) element.remove();
    Grid.settle();
  },

  // When it stands still, pictures are loaded that were passed by, and elements are in the order that one sees.
  settle: later(60, () => {
    const focused = document.activeElement.closest(".cells");
    let isBehind = !focused;
    for (const [, element] of [...Grid.rows].sort(([a], [b]) => a - b)) {
      element.querySelectorAll("img[data-src]").forEach(Grid.showPicture);
      if (element === focused) isBehind = true;
      else if (isBehind) byId("grid").append(element);
      else focused.before(element);
    }
  }),

  showPicture(image) {
    image.src = image.dataset.src;
    delete image.dataset.src;
  },

  // Their elements show other rows next; to take them out and put them in again would take longer.
  release(rows) {
    for (const row of rows) {
      const element = Grid.rows.get(row);
      Grid.rows.delete(row);
      // The keyboard's place is not lost with its element.
      if (element.contains(document.activeElement)) byId("scroller").focus({ preventScroll: true });
      Grid.spare.push(element);
    }
  },

  fill(row, isFast) {
    const element = Grid.spare.pop() ?? byId("grid").appendChild(make("div", { role: "row", class: "cells" }));
    const first = row * Grid.columns;
    const count = Math.min(Grid.columns, Order.shown.length - first);
    while (element.children.length > count) element.lastChild.remove();
    while (element.children.length < count) element.append(Grid.makeCell());
    element.setAttribute("aria-rowindex", row + 1);
    for (let i = 0; i < count; i++) Grid.fillCell(element.children[i], first + i, isFast);
    Grid.rows.set(row, element);
  },

  makeCell() {
    const parts = {
      picture: make("img", { alt: "", draggable: "false", decoding: "async", load: ({ target }) => target.classList.add("there") }),
      kind: make("span", { class: "kind" }),
      image: makeForeign("", { class: "image" }),
      row: make("span", { class: "row-number" }),
      number: make("span", { class: "number" }),
    };
    const cell = make("div", { role: "gridcell", class: "cell" }, [
      make("div", { class: "picture" }, [parts.picture, parts.kind]),
      make("span", { class: "mark", "aria-hidden": "true" }, [makeIcon("mark")]),
      make("div", { class: "caption" }, [parts.image, make("div", { class: "line" }, [parts.row, parts.number])]),
    ]);
    cell.parts = parts;
    return cell;
  },

  fillCell(cell, place, isFast) {
    const sheet = Order.shown[place];
    const { picture, kind, image, row, number } = cell.parts;
    const thumb = Data.findThumb(sheet);
    const source = Data.findFirstSource(sheet);
    cell.dataset.place = place;
    cell.tabIndex = place === Grid.current ? 0 : -1;
    cell.setAttribute("aria-colindex", (place % Grid.columns) + 1);
    cell.classList.toggle("without", !thumb);
    picture.classList.remove("there");
    picture.hidden = !thumb;
    picture.removeAttribute("src");
    if (thumb) {
      picture.dataset.src = thumb;
      if (!isFast) Grid.showPicture(picture);
    } else delete picture.dataset.src;
    kind.textContent = thumb ? (source.kind === "video" ? "▶" : "") : source.suffix.replace(/^.*\./, "");
    image.textContent = Data.images[sheet].replace(/^.*\//, "");
    const [first, last] = [Data.rows[Data.starts[sheet]], Data.rows[Data.starts[sheet + 1] - 1]];
    row.textContent = first === last ? `row ${first}` : `rows ${first}–${last}`;
    const column = Data.findColumn(State.sort);
    const value = Order.numbers ? Order.numbers[sheet] : NaN;
    number.textContent = column ? formatWithUnit(column, value) : "";
    number.dataset.bad = column ? Numbers.rate(column, value) : "";
    const told = column ? `, ${column.name} ${number.textContent}` : "";
    cell.setAttribute("aria-label", `${Data.images[sheet]}, ${row.textContent}${told}`);
    Grid.fillMark(cell);
  },

  // Marks have changed.
  refresh() {
    for (const element of Grid.rows.values()) {
      for (const cell of element.children) Grid.fillMark(cell);
    }
  },

  fillMark(cell) {
    const isMarked = Marks.has(Order.shown[cell.dataset.place]);
    cell.classList.toggle("marked", isMarked);
    cell.setAttribute("aria-label", cell.getAttribute("aria-label").replace(/, marked$/, "") + (isMarked ? ", marked" : ""));
  },

  setCurrent(place) {
    Grid.findCell(Grid.current)?.setAttribute("tabindex", "-1");
    Grid.current = place;
    Grid.findCell(place)?.setAttribute("tabindex", "0");
  },

  findCell(place) {
    return Grid.rows.get(Math.floor(place / Grid.columns))?.children[place % Grid.columns];
  },

  // Moves the keyboard to a place, and scrolls there.
  moveTo(place, isFocused = true) {
    if (!Order.shown.length) return;
    const kept = Math.min(Math.max(place, 0), Order.shown.length - 1);
    const top = Math.floor(kept / Grid.columns) * Grid.rowHeight;
    const shown = Grid.findTop();
    const height = byId("scroller").clientHeight;
    if (top < shown) Grid.scrollTo(top);
    else if (top + Grid.rowHeight + GAP > shown + height) Grid.scrollTo(top + Grid.rowHeight + GAP - height);
    Grid.draw();
    Grid.setCurrent(kept);
    if (isFocused) Grid.findCell(kept)?.focus({ preventScroll: true });
  },

  countPerPage: () => Math.max(1, Math.floor(byId("scroller").clientHeight / Grid.rowHeight)) * Grid.columns,
};
