// The numbers of a person, and how they stand beside those of all others.
"use strict";

const Numbers = {
  // How bad a number is: among the worst twentieth of all people, the worst quarter, or neither. All sheets may
  // be of the worst.
  rate(column, number) {
    if (!column.worst || !Number.isFinite(number) || !column.ofAll.length) return "";
    const at = (percent) => column.ofAll[Data.head.percents.indexOf(percent)];
    if (at(0) === at(100)) return "";
    const isHigh = column.worst === "high";
    const reaches = (percent) => (isHigh ? number >= at(percent) && number > at(50) : number <= at(100 - percent) && number < at(50));
    return reaches(95) ? "very" : reaches(75) ? "rather" : "";
  },

  // Those that stand out, then all.
  make(known) {
    const rows = known.map(([column, number]) => ({ column, number, bad: Numbers.rate(column, number) }));
    const worst = rows.filter((row) => row.bad === "very");
    const table = (listed, caption) =>
      make("table", { class: "numbers" }, [make("caption", { text: caption }), make("tbody", {}, listed.map(Numbers.makeRow))]);
    const others = rows.filter((row) => row.bad !== "very");
    return [
      worst.length ? table(worst, "Among the worst 5 %") : "",
      others.length ? table(others, worst.length ? "All others" : "Numbers") : "",
    ];
  },

  makeRow({ column, number, bad }) {
    const about = make("p", { class: "about", text: column.about, hidden: true });
    const name = make("button", {
      type: "button", class: "name", text: column.name.replaceAll("_", " "), title: column.about, "aria-expanded": "false",
      click: (event) => {
        about.hidden = !about.hidden;
        event.currentTarget.setAttribute("aria-expanded", String(!about.hidden));
      },
    });
    return make("tr", { "data-bad": bad }, [
      make("th", { scope: "row" }, [column.about ? name : make("span", { class: "name", text: column.name.replaceAll("_", " ") }), about]),
      make("td", { class: "spread" }, [Histogram.makeSmall(column, number)]),
      make("td", { class: "value" }, [
        column.choices.length ? makeForeign(formatNumber(column, number)) : formatNumber(column, number),
        column.unit && Number.isFinite(number) ? make("small", { text: ` ${column.unit}` }) : "",
        bad === "very" ? make("span", { class: "unseen", text: ", among the worst 5 %" }) : "",
      ]),
    ]);
  },
};
