// The large picture, and two of them with a slider between.
"use strict";

const Stage = {
  sheet: -1,
  // Labels of what is shown, which stay when one goes on to the next sheet.
  left: null,
  right: null,
  isCompared: false,
  split: 50,

  // What a browser can show, where it lies by itself.
  listShown: (sheet) => Data.listSources(sheet).filter((source) => source.kind !== "other" && !source.inTar),

  make(sheet) {
    Stage.sheet = sheet;
    const shown = Stage.listShown(sheet);
    if (!shown.length) return Stage.makeWithout(sheet, Data.findFirstSource(sheet));
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
  makeWithout(sheet, source) {
    const thumb = Data.findThumb(sheet);
    const text = source.inTar ? "This sheet is in a tar; here is a small picture of it." : `No browser shows ${source.suffix.replace(/^.*\./, "")} files.`;
    return make("div", { class: "stage" }, [
      make("div", { class: "box" }, [make("div", { class: "frame" }, [thumb ? make("img", { src: thumb, alt: "" }) : "", make("p", { class: thumb ? "without below" : "without", text })])]),
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
      "data-left": left.label, "data-right": right.label,
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
    if (Stage.listShown(Stage.sheet).length < 2) return;
    if (!Stage.isCompared) {
      Stage.isCompared = true;
      Stage.split = 100;
      Detail.show();
    }
    const slider = byId("detail").querySelector(".split");
    if (!slider) return;
    slider.value = Number(slider.value) > 50 ? 0 : 100;
    slider.dispatchEvent(new Event("input"));
    say(Number(slider.value) > 50 ? slider.dataset.left : slider.dataset.right);
  },
};
