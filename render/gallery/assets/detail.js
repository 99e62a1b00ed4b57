// One sheet: large, with all of its numbers, its neighbours and its files.
"use strict";

const STRIP = 4;

const Detail = {
  person: 0,
  isFull: false,
  // Whether "back" leads to the grid.
  hasStep: false,

  open(sheet) {
    Detail.hasStep = State.open < 0;
    State.open = sheet;
    Detail.person = 0;
    State.write(Detail.hasStep);
    Detail.show();
  },

  close() {
    if (State.open < 0) return;
    if (Detail.hasStep) history.back();
    else {
      State.open = -1;
      State.write();
      Detail.show();
    }
  },

  move(step) {
    const place = Order.findPlace(State.open) + step;
    if (place < 0 || place >= Order.shown.length) return;
    State.open = Order.shown[place];
    Detail.person = 0;
    State.write();
    Detail.show();
  },

  // Shows the sheet that the state names, or none.
  async show() {
    const dialog = byId("detail");
    const sheet = State.open;
    if (sheet < 0) {
      if (!dialog.open) return;
      // The browser gives the keyboard back to where it was; it is to be where one has come to.
      const place = Grid.current;
      dialog.close();
      dialog.replaceChildren();
      if (State.tab === "sheets") Grid.moveTo(place);
      return;
    }
    const place = Order.findPlace(sheet);
    const isNew = dialog.dataset.sheet !== String(sheet) || !dialog.open;
    const focused = document.activeElement?.getAttribute("aria-label");
    dialog.dataset.sheet = sheet;
    dialog.classList.toggle("full", Detail.isFull);
    dialog.style.setProperty("--aspect", Data.findAspect());
    dialog.style.setProperty("--ratio", Data.head.aspect);
    const panel = make("div", { class: "panel", tabindex: "-1" }, [Detail.makeWho(sheet)]);
    dialog.replaceChildren(
      Detail.makeHeader(sheet, place),
      make("div", { class: "content" }, [
        make("div", { class: "viewer" }, [Stage.make(sheet), place >= 0 ? Detail.makeStrip(place) : ""]),
        panel,
      ]),
    );
    if (!dialog.open) dialog.showModal();
    const again = focused && [...dialog.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === focused);
    (again || dialog.querySelector(".panel")).focus({ preventScroll: true });
    if (isNew) say(`${Data.images[sheet]}, ${place + 1} of ${Order.shown.length}`);
    if (place >= 0) Grid.moveTo(place, false);
    await Detail.fill(panel, sheet);
  },

  makeHeader(sheet, place) {
    const isMarked = Marks.has(sheet);
    const mark = makeIconButton("mark", isMarked ? "Remove the mark (x)" : "Mark (x)", Detail.mark);
    mark.classList.toggle("on", isMarked);
    return make("header", {}, [
      make("h2", {}, [makeForeign(Data.images[sheet])]),
      make("span", { class: "place", text: place >= 0 ? `${formatCount(place + 1)} of ${formatCount(Order.shown.length)}` : "not among those shown" }),
      make("div", { class: "tools" }, [
        makeIconButton("left", "Previous (←)", () => Detail.move(-1)),
        makeIconButton("right", "Next (→)", () => Detail.move(1)),
        mark,
        makeIconButton("full", "Full size (f)", Detail.toggleFull),
        makeIconButton("close", "Close (Esc)", Detail.close),
      ]),
    ]);
  },

  mark() {
    Marks.toggle(State.open);
    Detail.show();
  },

  toggleFull() {
    Detail.isFull = !Detail.isFull;
    Detail.show();
  },

  makeStrip(place) {
    const first = Math.max(0, Math.min(place - STRIP, Order.shown.length - 2 * STRIP - 1));
    const sheets = [...Order.shown.slice(first, first + 2 * STRIP + 1)];
    return make("div", { class: "strip", role: "group", "aria-label": "Neighbours in this order" }, sheets.map((sheet) => Detail.makeThumb(sheet)));
  },

  makeThumb(sheet) {
    const thumb = Data.findThumb(sheet);
    const label = `${Data.images[sheet]}, row ${Data.rows[Data.starts[sheet]]}`;
    return make("button", {
      type: "button", class: "thumb", "aria-label": label, title: label, "aria-current": sheet === State.open ? "true" : null,
      click: () => { State.open = sheet; Detail.person = 0; State.write(); Detail.show(); },
    }, [thumb ? make("img", { src: thumb, alt: "" }) : makeIcon("file")]);
  },

  makeWho(sheet) {
    const rows = [...Data.listRows(sheet)];
    const parts = [];
    if (rows.length > 1) {
      const listed = rows.slice(0, 50).map((row, i) => [i, `${row}`, `Row ${row}`]);
      parts.push(make("div", { class: "segments people", role: "group", "aria-label": "Person" },
        makeSegments(listed, Detail.person, (i) => { Detail.person = i; Detail.show(); })));
    }
    const links = Data.listSources(sheet).filter((source) => !source.inTar).map((source) =>
      make("a", { class: "button", href: Data.findAddress(sheet, source), target: "_blank", rel: "noopener" }, [
        makeIcon("file"), makeForeign(Data.listSources(sheet).length > 1 ? source.label : "Open the file"),
      ]));
    const view = Data.findView(sheet);
    if (view) links.unshift(make("a", { class: "button primary", href: view, target: "_blank", rel: "noopener" }, [makeIcon("cube"), "Turn it in 3D"]));
    parts.push(make("div", { class: "row links" }, links));
    return make("div", { class: "who" }, parts);
  },

  async fill(panel, sheet) {
    const person = Data.starts[sheet] + Detail.person;
    const columns = await Promise.all(Data.head.columns.map(async (column) => [column, (await Data.loadColumn(column.name))[person]]));
    const reasons = Data.head.failures.damaged ? (await Data.listFailures()).filter((failure) => failure[0] === "damaged" && Data.listRows(sheet).includes(failure[1])) : [];
    if (State.open !== sheet) return;
    const facts = [["row", String(Data.rows[person])]];
    for (const [column, number] of columns) if (NAMES.includes(column.name) && Number.isFinite(number)) facts.push([column.name, formatNumber(column, number)]);
    const known = columns.filter(([column, number]) => !NAMES.includes(column.name) && Number.isFinite(number));
    panel.querySelector(".who").prepend(make("dl", { class: "facts" }, facts.map(([name, text]) => make("div", {}, [make("dt", { text: name }), make("dd", { text })]))));
    panel.append(
      ...reasons.map((failure) => make("p", { class: "reason", dir: "auto", text: failure[3] })),
      ...Numbers.make(known),
      known.length ? "" : make("p", { class: "quiet", text: "No numbers are known. smpl-render job=audit finds them; then write the page anew." }),
      Detail.makeOthers(sheet),
    );
  },

  // Other sheets of the same photo.
  makeOthers(sheet) {
    const others = [];
    for (let i = 0; i < Data.images.length && others.length < 12; i++) if (i !== sheet && Data.images[i] === Data.images[sheet]) others.push(i);
    if (!others.length) return "";
    return make("div", { class: "others" }, [make("h3", { text: "On the same photo" }), make("div", { class: "strip" }, others.map(Detail.makeThumb))]);
  },

  // Fingers: to the side is on to the next.
  watchFingers() {
    let start = null;
    const dialog = byId("detail");
    dialog.addEventListener("touchstart", (event) => {
      const isPicture = event.target.closest(".box") && !event.target.closest("input, video");
      start = event.touches.length === 1 && isPicture ? [event.touches[0].clientX, event.touches[0].clientY] : null;
    }, { passive: true });
    dialog.addEventListener("touchend", (event) => {
      if (!start) return;
      const [x, y] = [event.changedTouches[0].clientX - start[0], event.changedTouches[0].clientY - start[1]];
      if (Math.abs(x) > 50 && Math.abs(x) > 2 * Math.abs(y)) Detail.move(x < 0 ? 1 : -1);
      start = null;
    }, { passive: true });
  },
};
