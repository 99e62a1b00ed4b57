// All at a glance: how many there are, what many have in common, and how each number is spread.
"use strict";

const Overview = {
  show() {
    const head = Data.head;
    const tiles = [["Sheets", head.sheets], ["People", head.people], ...Object.entries(OUTCOMES).map(([name, label]) => [label, head.failures[name]])];
    byId("panel-overview").replaceChildren(
      make("dl", { class: "tiles" }, tiles.map(([name, count]) => make("div", {}, [make("dt", { text: name }), make("dd", { text: formatCount(count) })]))),
      Overview.makeCauses(),
      Overview.makeSpreads(),
    );
  },

  // What an audit says of rows that fail alike.
  makeCauses() {
    if (!Data.head.causes.length) return "";
    return make("section", {}, [
      make("h2", { text: "What may be the cause" }),
      make("ul", { class: "causes" }, Data.head.causes.map(Overview.makeCause)),
    ]);
  },

  makeCause({ name, people, of, gain, says, advice }) {
    const facts = [String(name ?? "")];
    if (Number.isFinite(people)) facts.push(`${formatCount(people)} of ${countOf(of, "person", "people")}`);
    if (Number.isFinite(gain)) facts.push(`without it the error is ${gain.toPrecision(2)} times smaller`);
    return make("li", {}, [
      make("p", { class: "quiet", dir: "auto", text: facts.filter(Boolean).join(", ") }),
      says ? make("p", { class: "lead", dir: "auto", text: says }) : "",
      advice ? make("p", { dir: "auto", text: advice }) : "",
    ]);
  },

  makeSpreads() {
    const columns = Columns.list().filter((column) => column.quantiles);
    if (!columns.length) return make("p", { class: "quiet", text: "No numbers are known. smpl-render job=audit finds them; then write the page anew." });
    const heads = ["Number", "Spread", ...Data.head.percents.map((percent) => (percent === 50 ? "median" : percent === 0 ? "least" : percent === 100 ? "most" : `${percent} %`)), "Known"];
    return make("section", {}, [
      make("h2", { text: "How numbers are spread" }),
      make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Table of quantiles" }, [make("table", { class: "spreads" }, [
        make("thead", {}, [make("tr", {}, heads.map((text) => make("th", { scope: "col", text })))]),
        make("tbody", {}, columns.map(Overview.makeRow)),
      ])]),
    ]);
  },

  makeRow(column) {
    const name = make("button", { type: "button", class: "link", title: column.about, text: column.name.replaceAll("_", " "), click: () => {
      State.tab = "sheets";
      State.sort = column.name;
      State.isDescending = State.isDescendingByDefault(column.name);
      App.update();
    } });
    return make("tr", {}, [
      make("th", { scope: "row" }, [name, column.unit ? make("small", { text: ` ${column.unit}` }) : ""]),
      make("td", { class: "spread" }, [Histogram.makeSmall(column)]),
      ...column.quantiles.map((number, i) => make("td", { class: "value", "data-bad": Numbers.rate(column, number) === "very" && [0, 6].includes(i) ? "very" : "", text: number.toFixed(column.digits) })),
      make("td", { class: "value", text: formatCount(column.known) }),
    ]);
  },
};
