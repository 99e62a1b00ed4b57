// The data of the page. Files on a disk are read as scripts, which call `receive`.
"use strict";

const ARRAYS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i1: Int8Array, i2: Int16Array, i4: Int32Array, f8: Float64Array };

const received = new Map();

function receive(name, text) {
  received.set(name, JSON.parse(text));
}

const Data = {
  head: null,
  // Of each sheet: what its files' names begin with, its image, which files it has.
  keys: [],
  images: [],
  sets: [],
  views: [],
  thumbs: [],
  others: new Map(),
  // Its people are those from starts[i] up to starts[i + 1].
  starts: null,
  rows: null,
  columnNumbers: new Map(),
  sheetNumbers: new Map(),
  loading: new Map(),

  load(name) {
    if (!Data.loading.has(name)) {
      const address = `${document.documentElement.dataset.folder}${name}.js`;
      Data.loading.set(
        name,
        new Promise((resolve, reject) => {
          const script = make("script", { src: address });
          script.onload = () => {
            resolve(received.get(name));
            received.delete(name);
            script.remove();
          };
          script.onerror = () => reject(new Error(`${address} is missing: the page was written anew, reload it`));
          document.head.append(script);
        }),
      );
    }
    return Data.loading.get(name);
  },

  async open() {
    Data.head = await Data.load("head");
    const chunks = Math.ceil(Data.head.sheets / Data.head.chunk);
    const names = Array.from({ length: chunks }, (_, i) => `sheets-${i}`);
    const loaded = await Promise.all(names.map(Data.load));
    Data.starts = new Uint32Array(Data.head.sheets + 1);
    Data.rows = new Uint32Array(Data.head.people);
    let sheet = 0;
    let person = 0;
    for (const chunk of loaded) {
      const [counts, rows, sets, views] = [chunk.counts, chunk.rows, chunk.sets, chunk.views].map(unpack);
      const digits = chunk.thumbs.length / chunk.keys.length;
      Data.rows.set(rows, person);
      const first = person;
      for (let i = 0; i < chunk.keys.length; i++, sheet++) {
        Data.keys.push(chunk.keys[i]);
        Data.images.push(Data.findImage(chunk, i, rows[person - first]));
        Data.sets.push(sets[i]);
        Data.views.push(views[i]);
        Data.thumbs.push(chunk.thumbs.slice(i * digits, (i + 1) * digits));
        person += counts[i];
        Data.starts[sheet + 1] = person;
        if (i in chunk.others) Data.others.set(sheet, chunk.others[i]);
      }
    }
    names.forEach((name) => Data.loading.delete(name));
  },

  // Most images are called as their sheets, but for the row.
  findImage(chunk, i, row) {
    const [key, image] = [chunk.keys[i], chunk.images[i]];
    if (image === null) return key;
    return typeof image === "string" ? image : key.slice(0, -1 - String(row).length) + Data.head.extensions[image];
  },

  findColumn(name) {
    return Data.head.columns.find((column) => column.name === name);
  },

  // Width by height of most pictures, but for what no grid could hold.
  findAspect: () => Math.min(2.2, Math.max(0.7, Data.head.aspect)),

  // Numbers of people in a column, NaN for what is not known.
  async loadColumn(name) {
    if (!Data.columnNumbers.has(name)) {
      const place = Data.head.columns.findIndex((column) => column.name === name);
      Data.columnNumbers.set(name, unpackNumbers(await Data.load(`column-${place}`)));
      Data.loading.delete(`column-${place}`);
    }
    return Data.columnNumbers.get(name);
  },

  // Numbers of sheets: of the worst of their people.
  async loadSheetNumbers(name) {
    const people = await Data.loadColumn(name);
    if (people.length === Data.head.sheets) return people;
    if (!Data.sheetNumbers.has(name)) {
      const isLow = Data.findColumn(name).worst === "low";
      const numbers = new Float64Array(Data.head.sheets).fill(NaN);
      for (let i = 0; i < numbers.length; i++) {
        for (let k = Data.starts[i]; k < Data.starts[i + 1]; k++) {
          const isWorse = isLow ? people[k] < numbers[i] : people[k] > numbers[i];
          if (isWorse || Number.isNaN(numbers[i])) numbers[i] = people[k];
        }
      }
      Data.sheetNumbers.set(name, numbers);
    }
    return Data.sheetNumbers.get(name);
  },

  listSources(sheet) {
    return Data.head.sets[Data.sets[sheet]].map((number) => ({ number, ...Data.head.sources[number] }));
  },

  findFirstSource: (sheet) => Data.head.sources[Data.head.sets[Data.sets[sheet]][0]],

  // The address of a file of a sheet.
  findAddress(sheet, source) {
    const key = Data.others.get(sheet)?.[source.number] ?? Data.keys[sheet];
    return source.base + encodePath(`${key}${source.suffix}`);
  },

  findThumb(sheet) {
    const name = Data.thumbs[sheet];
    return /[1-9a-f]/.test(name) ? `page/thumbs/${name.slice(0, 2)}/${name}.webp` : null;
  },

  findView(sheet) {
    const place = Data.views[sheet];
    if (!place) return null;
    return `${Data.head.views[place - 1]}/${encodePath(`${Data.keys[sheet]}.html`)}`;
  },

  listRows(sheet) {
    return Data.rows.slice(Data.starts[sheet], Data.starts[sheet + 1]);
  },

  // The sheet of a row, -1 where there is none.
  findSheet(row) {
    const person = Data.rows.indexOf(row);
    if (person < 0) return -1;
    let [low, high] = [0, Data.head.sheets - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (Data.starts[middle] <= person) low = middle;
      else high = middle - 1;
    }
    return low;
  },

  countFailures: () => Object.values(Data.head.failures).reduce((sum, one) => sum + one, 0),

  async listFailures() {
    const chunks = Math.ceil(Data.countFailures() / Data.head.failuresChunk);
    const loaded = await Promise.all(Array.from({ length: chunks }, (_, i) => Data.load(`failures-${i}`)));
    return loaded.flat();
  },
};

const encodePath = (path) => path.split("/").map(encodeURIComponent).join("/");

function unpack(packed) {
  const text = atob(packed.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new ARRAYS[packed.type](bytes.buffer);
}

// Integers with a scale as the numbers that were written; the least one stands for what is not known.
function unpackNumbers(packed) {
  const array = unpack(packed);
  if (!packed.scale) return array;
  const least = -(2 ** (8 * array.BYTES_PER_ELEMENT - 1));
  const numbers = new Float64Array(array.length);
  for (let i = 0; i < array.length; i++) numbers[i] = array[i] === least ? NaN : array[i] / packed.scale;
  return numbers;
}
