// Puts the parts together.
"use strict";

const TABS = ["sheets", "failures", "overview"];

const App = {
  async open() {
    await Data.open();
    const { head } = Data;
    document.title = head.title;
    byId("title").firstElementChild.textContent = head.title;
    byId("title").title = head.title;
    byId("tab-sheets").lastElementChild.textContent = formatCount(head.sheets);
    byId("tab-failures").lastElementChild.textContent = formatCount(Data.countFailures());
    App.showNotes();
    State.read();
    Marks.open();
    Columns.make();
    Grid.open();
    Keys.open();
    Detail.watchFingers();
    App.listen();
    await App.update(false);
    document.documentElement.dataset.ready = "true";
    App.loadRest();
  },

  // Shows the state, and notes it in the address.
  async update(isNoted = true) {
    if (isNoted) State.write();
    const search = byId("search");
    if (document.activeElement !== search) search.value = State.search;
    App.showTab();
    await Order.update();
    const [shown, all] = [Order.shown.length, Data.head.sheets];
    byId("found").textContent = shown === all ? countOf(all, "sheet") : `${formatCount(shown)} of ${countOf(all, "sheet")}`;
    byId("nothing").hidden = shown > 0;
    byId("scroller").hidden = shown === 0;
    Columns.showChips();
    Columns.update();
    App.showSizes();
    Grid.show();
    if (State.tab === "failures") await Failures.show();
    if (State.tab === "overview") Overview.show();
    await Detail.show();
  },

  search(text) {
    State.search = text;
    byId("search").value = text;
    App.update();
  },

  showTab() {
    for (const tab of TABS) {
      const isShown = State.tab === tab;
      byId(`tab-${tab}`).setAttribute("aria-selected", String(isShown));
      byId(`tab-${tab}`).tabIndex = isShown ? 0 : -1;
      byId(`panel-${tab}`).hidden = !isShown;
    }
  },

  showSizes() {
    const sizes = [["s", "S", "Small pictures"], ["m", "M", "Medium pictures"], ["l", "L", "Large pictures"]];
    byId("sizes").replaceChildren(...makeSegments(sizes, State.size, (size) => {
      State.size = size;
      State.write();
      App.showSizes();
      byId("sizes").querySelector("[aria-pressed=true]").focus();
      Grid.layOut(true);
    }));
  },

  showNotes() {
    const { head } = Data;
    const notes = [];
    if (!head.isFinished) notes.push("The run has not come to its end: these are the sheets that were there when the page was written.");
    if (head.shards.length) notes.push(`Shards that are not merged: ${head.shards.join(", ")}.`);
    if (head.mismatched) notes.push(`${countOf(head.mismatched, "row")} of the audit ${head.mismatched === 1 ? "has" : "have"} another image than the sheets: no numbers are shown of them. Is the audit of the same fit file?`);
    byId("notes").hidden = !notes.length;
    byId("notes").replaceChildren(...notes.map((text) => make("p", { text })));
  },

  listen() {
    const search = byId("search");
    search.addEventListener("input", later(60, () => App.search(search.value)));
    byId("show-all").addEventListener("click", () => {
      State.ranges.clear();
      App.search("");
    });
    byId("theme").addEventListener("click", Theme.toggle);
    byId("marks-button").addEventListener("click", Marks.show);
    byId("columns-button").addEventListener("click", () => (document.body.classList.contains("columns-open") ? Columns.hide() : Columns.show()));
    for (const [i, tab] of TABS.entries()) {
      const choose = (name) => {
        State.tab = name;
        App.update();
        byId(`tab-${name}`).focus();
      };
      byId(`tab-${tab}`).addEventListener("click", () => choose(tab));
      byId(`tab-${tab}`).addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) choose(TABS[(i + step + TABS.length) % TABS.length]);
      });
    }
    byId("detail").addEventListener("cancel", (event) => {
      event.preventDefault();
      Detail.close();
    });
    for (const name of ["marks", "help"]) {
      byId(name).addEventListener("click", (event) => { if (event.target === byId(name)) byId(name).close(); });
    }
    addEventListener("popstate", App.follow);
  },

  // The address was changed, by "back" or by hand.
  async follow() {
    const wasOpen = State.open >= 0;
    State.read();
    if (wasOpen && State.open < 0) {
      await Detail.show();
      return;
    }
    await App.update(false);
  },

  // So that no sort and no sheet waits for a file.
  async loadRest() {
    for (const column of Data.head.columns) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      await Data.loadColumn(column.name);
    }
  },
};

// A file is missing: of a page that was written anew since, or copied in parts.
addEventListener("unhandledrejection", (event) => {
  byId("notes").hidden = false;
  byId("notes").replaceChildren(make("p", { class: "fault", text: event.reason.message }));
});
App.open();
