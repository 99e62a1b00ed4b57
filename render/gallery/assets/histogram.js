// Histograms: small ones beside names and numbers, and the large one that filters.
"use strict";

const Histogram = {
  // Bars as one path in a box of one unit a bin.
  makePath(counts, most = Math.max(...counts, 1)) {
    // The root lets few of many be seen.
    return counts.map((count, i) => {
      const height = count ? Math.max(4, 100 * Math.sqrt(count / most)) : 0;
      return `M${i} 100v${-height.toFixed(1)}h1v${height.toFixed(1)}z`;
    }).join("");
  },

  // A picture of all numbers; `number` has a line where it lies.
  makeSmall(column, number = NaN) {
    if (Histogram.isFlat(column)) return make("span", { class: "spark flat", text: "all equal" });
    const bins = column.counts.length;
    const svg = makeSvg("svg", { class: "spark", viewBox: `0 0 ${bins} 100`, preserveAspectRatio: "none", "aria-hidden": "true" }, [
      makeSvg("path", { d: Histogram.makePath(column.counts) }),
    ]);
    if (Number.isFinite(number)) {
      const place = Histogram.findPlace(column, number);
      svg.append(makeSvg("line", { x1: place, x2: place, y1: 0, y2: 100, "vector-effect": "non-scaling-stroke" }));
    }
    return svg;
  },

  // Where all numbers are the same there is nothing to see.
  isFlat: (column) => column.quantiles !== undefined && column.quantiles[0] === column.quantiles.at(-1),

  // Where a number lies, in bins.
  findPlace(column, number) {
    if (column.choices.length) return number + 0.5;
    const bin = Histogram.findBin(column.edges, number);
    const [low, high] = [column.edges[bin], column.edges[bin + 1]];
    return bin + (high > low ? Math.min(1, Math.max(0, (number - low) / (high - low))) : 0.5);
  },

  findBin(edges, number) {
    let [low, high] = [0, edges.length - 2];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (edges[middle] <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  },

  // How many people on the sheets that are shown are in each bin.
  async countShown(column) {
    const numbers = await Data.loadColumn(column.name);
    const counts = new Array(column.counts.length).fill(0);
    for (const sheet of Order.shown) {
      for (let k = Data.starts[sheet]; k < Data.starts[sheet + 1]; k++) {
        const number = numbers[k];
        if (Number.isNaN(number)) continue;
        counts[column.choices.length ? number : Histogram.findBin(column.edges, number)]++;
      }
    }
    return counts;
  },

  // The large one, with a handle at each end.
  makeFilter(column, change) {
    const edges = column.edges;
    const last = edges.length - 1;
    const shown = makeSvg("path", { class: "shown" });
    const svg = makeSvg("svg", { viewBox: `0 0 ${last} 100`, preserveAspectRatio: "none", "aria-hidden": "true" }, [
      makeSvg("path", { class: "all", d: Histogram.makePath(column.counts) }),
      shown,
    ]);
    const handle = (end, label) =>
      make("input", { type: "range", min: 0, max: last, step: 1, class: `handle ${end}`, "aria-label": label });
    const low = handle("low", `${column.name}, from`);
    const high = handle("high", `${column.name}, up to`);
    const between = make("span", { class: "between" });
    const texts = make("p", { class: "ends" }, [make("span"), make("span")]);
    const read = () => [Number(low.value) || null, Number(high.value) < last ? Number(high.value) : null];
    // An address may have ends that lie between two bins.
    const show = (ends = []) => {
      const [from, to] = [Number(low.value), Number(high.value)];
      const [least, most] = [ends[0] ?? edges[from], ends[1] ?? edges[to]];
      between.style.left = `${(100 * from) / last}%`;
      between.style.right = `${100 - (100 * to) / last}%`;
      low.setAttribute("aria-valuetext", formatWithUnit(column, least));
      high.setAttribute("aria-valuetext", formatWithUnit(column, most));
      texts.firstChild.textContent = formatNumber(column, least);
      texts.lastChild.textContent = formatWithUnit(column, most);
      // Of two handles in one place the one that can still move lies above.
      low.style.zIndex = from > last / 2 ? 3 : 2;
    };
    const set = () => {
      const [from, to] = State.ranges.get(column.name) ?? [null, null];
      low.value = from === null ? 0 : Histogram.findNearest(edges, from);
      high.value = to === null ? last : Histogram.findNearest(edges, to);
      show([from, to]);
    };
    for (const input of [low, high]) {
      input.addEventListener("input", () => {
        if (Number(low.value) >= Number(high.value)) {
          if (input === low) low.value = Number(high.value) - 1;
          else high.value = Number(low.value) + 1;
        }
        show();
        const [from, to] = read();
        change(from === null ? null : edges[from], to === null ? null : edges[to]);
      });
    }
    set();
    return {
      element: make("div", { class: "histogram", role: "group", "aria-label": `Range of ${column.name}` }, [
        svg, make("div", { class: "track" }, [between, low, high]), texts,
      ]),
      async update() {
        const most = Math.max(...column.counts, 1);
        const counts = await Histogram.countShown(column);
        shown.setAttribute("d", Histogram.makePath(counts, most));
        set();
      },
    };
  },

  findNearest(edges, number) {
    let best = 0;
    edges.forEach((edge, i) => { if (Math.abs(edge - number) < Math.abs(edges[best] - number)) best = i; });
    return best;
  },
};
