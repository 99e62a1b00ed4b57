// Elements, made without any parsing of text: what files and reasons say is never taken for HTML.
"use strict";

const byId = (id) => document.getElementById(id);

// An element with attributes and children; `text` is its text, and functions listen to events.
function make(name, attributes = {}, children = []) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") element.textContent = value;
    else if (typeof value === "function") element.addEventListener(key, value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// A text of strangers: its direction changes nothing around it.
const makeForeign = (text, attributes = {}) => make("bdi", { text, dir: "auto", ...attributes });

const SVG = "http://www.w3.org/2000/svg";

function makeSvg(name, attributes = {}, children = []) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const makeIcon = (name) =>
  makeSvg("svg", { class: "icon", "aria-hidden": "true" }, [makeSvg("use", { href: `#i-${name}` })]);

// A button with an icon alone.
const makeIconButton = (icon, label, click) =>
  make("button", { class: "icon-button", type: "button", "aria-label": label, title: label, click }, [makeIcon(icon)]);

// Buttons of which one is pressed.
function makeSegments(names, chosen, choose) {
  return names.map(([value, label, title]) =>
    make("button", {
      type: "button",
      text: label,
      title,
      "aria-label": title,
      "aria-pressed": String(value === chosen),
      click: () => choose(value),
    }),
  );
}

const formatCount = (count) => count.toLocaleString("en-US");

const countOf = (count, one, many = `${one}s`) => `${formatCount(count)} ${count === 1 ? one : many}`;

// A number of a column as its table has it.
function formatNumber(column, number) {
  if (!Number.isFinite(number)) return "–";
  if (column.choices.length) return column.choices[number] ?? "–";
  return number.toFixed(column.digits);
}

const formatWithUnit = (column, number) =>
  formatNumber(column, number) + (column.unit && Number.isFinite(number) ? ` ${column.unit}` : "");

// Says it to screen readers.
function say(text) {
  byId("said").textContent = text;
}

function later(milliseconds, action) {
  let timer = 0;
  return (...words) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...words), milliseconds);
  };
}
