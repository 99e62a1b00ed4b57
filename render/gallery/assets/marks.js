// Sheets that somebody has marked, kept by the browser for this folder, and written as lists.
"use strict";

const Marks = {
  name: `smpl-render:marks:${location.pathname.replace(/[^/]*$/, "")}`,
  // Their keys, which stay the same when the page is written anew.
  keys: new Set(),
  isKept: true,

  open() {
    try {
      const listed = JSON.parse(Store.read(Marks.name) ?? "[]");
      Marks.keys = new Set(Array.isArray(listed) ? listed.filter((key) => typeof key === "string") : []);
    } catch {
      Marks.keys = new Set();
    }
    Marks.showCount();
  },

  has: (sheet) => Marks.keys.has(Data.keys[sheet]),

  toggle(sheet) {
    const key = Data.keys[sheet];
    if (!Marks.keys.delete(key)) Marks.keys.add(key);
    Marks.keep();
    say(Marks.keys.has(key) ? "marked" : "mark removed");
  },

  keep() {
    Marks.isKept = Store.write(Marks.name, JSON.stringify([...Marks.keys]));
    Marks.showCount();
    Grid.refresh();
  },

  showCount() {
    const count = Marks.list().length;
    byId("marks-button").lastElementChild.textContent = count ? `${formatCount(count)} marked` : "Export";
    byId("marks-button").setAttribute("aria-label", count ? `${countOf(count, "sheet")} marked, export` : "Export a list");
  },

  list() {
    return Marks.keys.size ? Data.keys.flatMap((key, i) => (Marks.keys.has(key) ? [i] : [])) : [];
  },

  // What is exported: what is marked, or all that is shown where nothing is.
  listExported() {
    const marked = Marks.list();
    return marked.length ? marked : [...Order.shown].sort((a, b) => a - b);
  },

  // A row a line, as samples=@list.txt reads it.
  formatList(sheets) {
    const rows = [...new Set(sheets.flatMap((sheet) => [...Data.listRows(sheet)]))].sort((a, b) => a - b);
    return rows.map((row) => `${row}\n`).join("");
  },

  async formatTable(sheets) {
    const columns = Data.head.columns;
    const numbers = await Promise.all(columns.map((column) => Data.loadColumn(column.name)));
    // As the program writes texts: no spreadsheet takes one for a formula.
    const quote = (text) => {
      const safe = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
      return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    const lines = [["row", "image", ...columns.map((column) => quote(column.name))].join(",")];
    for (const sheet of sheets) {
      for (let k = Data.starts[sheet]; k < Data.starts[sheet + 1]; k++) {
        const cells = columns.map((column, c) => {
          const number = numbers[c][k];
          if (!Number.isFinite(number)) return "";
          return column.choices.length ? quote(column.choices[number]) : formatNumber(column, number);
        });
        lines.push([Data.rows[k], quote(Data.images[sheet]), ...cells].join(","));
      }
    }
    return `${lines.join("\r\n")}\r\n`;
  },

  download(name, type, text) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    make("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  },

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages from a disk may not be let near the clipboard, other than by what is selected in them.
      const area = make("textarea", { class: "unseen", "aria-hidden": "true" });
      area.value = text;
      byId("marks").append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  },

  show() {
    const dialog = byId("marks");
    const sheets = Marks.listExported();
    const count = Marks.list().length;
    const status = make("p", { role: "status", class: "quiet" });
    const button = (text, click, kind = "") => make("button", { type: "button", class: `button ${kind}`, text, click });
    const done = (text) => { status.textContent = text; };
    const unmarked = [...Order.shown].filter((sheet) => !Marks.has(sheet));
    dialog.replaceChildren(
      make("header", {}, [
        make("h2", { id: "marks-title", text: count ? `${countOf(count, "marked sheet")}` : `All ${countOf(sheets.length, "sheet")} shown` }),
        makeIconButton("close", "Close", () => dialog.close()),
      ]),
      make("p", { text: count ? "Render them again, or look at their numbers elsewhere." : "Nothing is marked, so this is of all that the filters leave. Mark sheets with x." }),
      make("div", { class: "row" }, [
        button("Download list.txt", () => { Marks.download("list.txt", "text/plain", Marks.formatList(sheets)); done("list.txt is written."); }, "primary"),
        button("Copy rows", async () => { await Marks.copy(Marks.formatList(sheets)); done("Copied."); }),
        button("Download table.csv", async () => { Marks.download("table.csv", "text/csv", await Marks.formatTable(sheets)); done("table.csv is written."); }),
      ]),
      make("p", { class: "quiet" }, ["Then: ", make("code", { text: "smpl-render samples=@list.txt" })]),
      make("div", { class: "row" }, [
        unmarked.length ? button(`Mark all ${formatCount(Order.shown.length)} shown`, () => { unmarked.forEach((sheet) => Marks.keys.add(Data.keys[sheet])); Marks.keep(); Marks.show(); }) : "",
        count ? button("Remove all marks", () => { Marks.keys.clear(); Marks.keep(); Marks.show(); }) : "",
      ]),
      status,
      Marks.isKept ? "" : make("p", { class: "fault", text: "This browser keeps nothing: marks are lost when the page is closed." }),
    );
    if (!dialog.open) dialog.showModal();
  },
};
