// The large picture, and two of them with a slider between.
"use strict";

const Stage = {
  sheet: -1,
  // Labels of what is shown, which stay when one goes on to the next sheet.
  left: null,
  right: null,
  isCompared: false,
  split: 50,

  make(sheet) {
    Stage.sheet = sheet;
    const sources = Data.listSources(sheet);
    const shown = sources.filter((source) => source.kind !== "other" && !source.inTar);
    if (!shown.length) return Stage.makeWithout(sheet, sources);
    const left = shown.find((source) => source.label === Stage.left) ?? shown[0];
    const right = shown.find((source) => source.label === Stage.right && source !== left) ?? shown.find((source) => source !== left);
    const isCompared = Stage.isCompared && right !== undefined;
    const frame = make("div", { class: "frame single" });
    const box = make("div", { class: "box" }, [frame]);
    frame.append(Stage.makePicture(sheet, left, box));
    if (isCompared) Stage.addSlider(frame, sheet, left, right);
    return make("div", { class: "stage" }, [box, shown.length > 1 ? Stage.makeTools(shown, left, right, isCompared) : ""]);
  },

  // Of a mesh, an array or a member of a tar: what there is of it.
  makeWithout(sheet, sources) {
    const thumb = Data.findThumb(sheet);
    const source = sources[0];
    const text = source.inTar ? "This sheet is in a tar; here is a small picture of it." : `No browser shows ${source.suffix.replace(/^.*\./, "")} files.`;
    return make("div", { class: "stage" }, [
      make("div", { class: "box" }, [make("div", { class: "frame" }, [thumb ? make("img", { src: thumb, alt: "" }) : "", make("p", { class: "without", text })])]),
    ]);
  },

  // The box takes the shape of the picture.
  makePicture(sheet, source, box = null) {
    const address = Data.findAddress(sheet, source);
    const label = `${source.label} of ${Data.images[sheet]}`;
    if (source.kind === "video") {
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const video = make("video", { src: address, controls: true, loop: true, playsinline: true, autoplay: !isStill, "aria-label": label });
      video.muted = true;
      video.addEventListener("loadedmetadata", () => box?.style.setProperty("--ratio", video.videoWidth / video.videoHeight));
      return video;
    }
    return make("img", {
      src: address, alt: label, draggable: "false",
      load: ({ target }) => box?.style.setProperty("--ratio", target.naturalWidth / target.naturalHeight),
      error: ({ target }) => Stage.noteMissing(target),
    });
  },

  noteMissing(image) {
    image.replaceWith(make("p", { class: "without", text: "The file is not there any more." }));
  },

  addSlider(frame, sheet, left, right) {
    const above = Stage.makePicture(sheet, right);
    const line = make("div", { class: "line", "aria-hidden": "true" }, [make("span")]);
    const slider = make("input", {
      type: "range", min: 0, max: 100, step: 0.5, value: Stage.split, class: "split",
      "aria-label": `${left.label} to the left, ${right.label} to the right`,
    });
    const show = () => {
      Stage.split = Number(slider.value);
      above.style.clipPath = `inset(0 0 0 ${Stage.split}%)`;
      line.style.left = `${Stage.split}%`;
    };
    slider.addEventListener("input", show);
    frame.classList.remove("single");
    frame.append(
      above, line, slider,
      make("span", { class: "tag left", "aria-hidden": "true" }, [makeForeign(left.label)]),
      make("span", { class: "tag right", "aria-hidden": "true" }, [makeForeign(right.label)]),
    );
    show();
  },

  makeTools(shown, left, right, isCompared) {
    const change = (action) => () => {
      action();
      Detail.show();
    };
    const select = (label, chosen, others, set) =>
      make("select", { "aria-label": label, change: (event) => { set(event.target.value); Detail.show(); } },
        others.map((source) => make("option", { value: source.label, text: source.label, selected: source === chosen })));
    return make("div", { class: "stage-tools" }, [
      select("Picture", left, shown, (value) => { Stage.left = value; }),
      isCompared ? select("Compared with", right, shown.filter((source) => source !== left), (value) => { Stage.right = value; }) : "",
      make("button", {
        type: "button", class: "button", "aria-pressed": String(isCompared), title: "Compare two pictures (c)",
        click: change(() => { Stage.isCompared = !isCompared; }),
      }, [makeIcon("compare"), make("span", { text: "Compare" })]),
      make("button", { type: "button", class: "button", text: "Blink", title: "Blink between two pictures (b)", click: Stage.blink }),
    ]);
  },

  toggleCompare() {
    Stage.isCompared = !Stage.isCompared;
    Detail.show();
  },

  // All of the one, then all of the other.
  blink() {
    if (Data.listSources(Stage.sheet).filter((source) => source.kind !== "other" && !source.inTar).length < 2) return;
    if (!Stage.isCompared) {
      Stage.isCompared = true;
      Stage.split = 100;
      Detail.show();
    }
    const slider = byId("detail").querySelector(".split");
    if (!slider) return;
    slider.value = Number(slider.value) > 50 ? 0 : 100;
    slider.dispatchEvent(new Event("input"));
    const names = slider.getAttribute("aria-label").split(" to the ");
    say(Number(slider.value) > 50 ? names[0] : names[1].replace(/^left, /, ""));
  },
};
