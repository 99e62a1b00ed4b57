// What was skipped, what failed and what is damaged, with the reasons.
"use strict";

const AT_ONCE = 200;
const OUTCOMES = { skipped: "Skipped", failed: "Failed", damaged: "Damaged" };

const Failures = {
  outcome: "",
  shown: [],

  async show() {
    const panel = byId("panel-failures");
    const counts = Data.head.failures;
    const total = Data.countFailures();
    if (!total) {
      panel.replaceChildren(make("div", { class: "nothing" }, [make("p", { text: "Nothing failed." }), make("p", { class: "quiet", text: "No row was skipped, no sheet failed, and no photo is damaged." })]));
      return;
    }
    const all = await Data.listFailures();
    const word = State.search.trim().toLowerCase();
    Failures.shown = all.filter(([outcome, row, image, reason]) =>
      (!Failures.outcome || outcome === Failures.outcome) &&
      (!word || String(row) === word || image.toLowerCase().includes(word) || reason.toLowerCase().includes(word)));
    const listed = [["", `All ${formatCount(total)}`], ...Object.entries(OUTCOMES).filter(([name]) => counts[name]).map(([name, label]) => [name, `${label} ${formatCount(counts[name])}`])];
    const body = make("tbody");
    const end = make("div");
    const add = () => body.append(...Failures.shown.slice(body.children.length, body.children.length + AT_ONCE).map(Failures.makeRow));
    panel.replaceChildren(
      make("div", { class: "bar" }, [
        make("div", { class: "segments", role: "group", "aria-label": "Outcome" }, makeSegments(listed, Failures.outcome, (outcome) => { Failures.outcome = outcome; Failures.show(); })),
        make("p", { role: "status", text: word ? `${formatCount(Failures.shown.length)} of ${formatCount(total)}` : "" }),
      ]),
      make("table", { class: "failures" }, [
        make("caption", { class: "unseen", text: "Failures" }),
        make("thead", {}, [make("tr", {}, ["Outcome", "Row", "Image", "Reason"].map((text) => make("th", { scope: "col", text })))]),
        body,
      ]),
      end,
    );
    add();
    new IntersectionObserver((seen) => { if (seen[0].isIntersecting) add(); }, { root: panel, rootMargin: "800px" }).observe(end);
  },

  makeRow([outcome, row, image, reason]) {
    const sheet = outcome === "damaged" ? Data.findSheet(row) : -1;
    const number = sheet < 0 ? String(row) : make("button", { type: "button", class: "link", text: row, "aria-label": `Row ${row}, show the sheet`, click: () => Detail.open(sheet) });
    return make("tr", {}, [
      make("td", {}, [make("span", { class: `outcome ${outcome}`, text: OUTCOMES[outcome] })]),
      make("td", { class: "value" }, [number]),
      make("td", {}, [makeForeign(image)]),
      make("td", { class: "why", dir: "auto", text: reason }),
    ]);
  },
};
