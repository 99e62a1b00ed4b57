// Which sheets are shown, and in which order.
"use strict";

const Order = {
  // Sheets as they are shown.
  shown: new Int32Array(0),
  // Numbers by which they are sorted; null in the order of rows.
  numbers: null,
  texts: null,

  async update() {
    const { terms, fault } = Query.parse(State.search);
    byId("search-fault").textContent = fault;
    const passes = await Order.filter(terms);
    Order.numbers = State.sort === "row" ? null : await Data.loadSheetNumbers(State.sort);
    const shown = [];
    for (let i = 0; i < Data.head.sheets; i++) if (passes[i]) shown.push(i);
    Order.shown = Int32Array.from(shown);
    Order.sort();
  },

  sort() {
    if (!Order.numbers) {
      if (State.isDescending) Order.shown.reverse();
      return;
    }
    const numbers = Order.numbers;
    const sign = State.isDescending ? -1 : 1;
    // What is not known comes last, whichever way. Of equal numbers the first rows come first.
    const known = Order.shown.filter((i) => !Number.isNaN(numbers[i]));
    const unknown = Order.shown.filter((i) => Number.isNaN(numbers[i]));
    known.sort((a, b) => sign * (numbers[a] - numbers[b]) || a - b);
    Order.shown.set(known);
    Order.shown.set(unknown, known.length);
  },

  // 1 for each sheet on which one person is as all terms and ranges say.
  async filter(terms) {
    const passes = new Uint8Array(Data.head.sheets).fill(1);
    const people = new Uint8Array(Data.head.people).fill(1);
    for (const term of terms) {
      if (term.column) await Order.keepPeople(people, term);
      else if (term.isMarked) passes.forEach((_, i) => { if (!Marks.has(i)) passes[i] = 0; });
      else if (term.image !== undefined) passes.forEach((_, i) => { if (!Data.images[i].toLowerCase().includes(term.image)) passes[i] = 0; });
      else if (term.word) await Order.keepWord(passes, term.word);
    }
    for (const [name, [low, high]] of State.ranges) {
      const numbers = await Data.loadColumn(name);
      for (let k = 0; k < people.length; k++) {
        if (!(numbers[k] >= (low ?? -Infinity)) || !(numbers[k] < (high ?? Infinity))) people[k] = 0;
      }
    }
    for (let i = 0; i < passes.length; i++) {
      let someone = 0;
      for (let k = Data.starts[i]; k < Data.starts[i + 1]; k++) someone |= people[k];
      passes[i] &= someone;
    }
    return passes;
  },

  async keepPeople(people, term) {
    const numbers = term.column === "row" ? Data.rows : await Data.loadColumn(term.column);
    for (let k = 0; k < people.length; k++) {
      if (!Query.compare(term.operator, numbers[k], term.number)) people[k] = 0;
    }
  },

  // A word is a part of the image's or the sheet's name, or the number of a row or an annotation.
  async keepWord(passes, word) {
    Order.texts ??= Data.images.map((image, i) => `${image}\n${Data.keys[i]}`.toLowerCase());
    const number = /^\d{1,15}$/.test(word) ? Number(word) : NaN;
    const isNumber = !Number.isNaN(number);
    const annotations = isNumber && Data.findColumn("annotation") ? await Data.loadColumn("annotation") : null;
    for (let i = 0; i < passes.length; i++) {
      if (!passes[i] || Order.texts[i].includes(word)) continue;
      let isFound = false;
      for (let k = Data.starts[i]; isNumber && k < Data.starts[i + 1]; k++) {
        isFound ||= Data.rows[k] === number || annotations?.[k] === number;
      }
      if (!isFound) passes[i] = 0;
    }
  },

  findPlace(sheet) {
    return Order.shown.indexOf(sheet);
  },
};
