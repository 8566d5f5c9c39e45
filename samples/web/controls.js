/* What is asked for, in controls: a slider and a number that are the same, and lists of one or three of them. */
"use strict";

/* Of each space: the range of gamma and of beta, for the first channel and for the others. */
const RANGES = {
  rgb: { gamma: [[0, 0.6], [0, 0.6]], beta: [[0, 1], [0, 1]] },
  linear: { gamma: [[0, 0.6], [0, 0.6]], beta: [[0, 1], [0, 1]] },
  lab: { gamma: [[0, 50], [0, 50]], beta: [[0, 100], [-60, 60]] },
  oklab: { gamma: [[0, 0.5], [0, 0.2]], beta: [[0, 1], [-0.2, 0.2]] },
  ruderman: { gamma: [[0, 2], [0, 1]], beta: [[0, 6], [-1, 1]] },
};

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/* A few digits, so that a command is short. */
function rounded(x, range) {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(Math.max(1e-9, range[1] - range[0]))) - 1);
  return Number(x.toFixed(digits));
}

/* About a hundred steps: of 1, 2 or 5 in some digit. */
function step(range) {
  const wanted = (range[1] - range[0]) / 100, unit = 10 ** Math.floor(Math.log10(wanted) + 1e-9);
  return Number(((wanted / unit >= 5 ? 5 : wanted / unit >= 2 ? 2 : 1) * unit).toPrecision(1));
}

/* As it fits into a field. */
function written(x) {
  return x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential() : String(x);
}

/*
 * A slider with a number beside it. What is typed may lie beyond the slider. changed(value, moving): moving is true until
 * the slider is let go.
 */
class Slider {
  constructor(id, label, range, changed, curve = { to: (x) => x, from: (x) => x }) {
    this.curve = curve;
    this.changed = changed;
    this.label = element("label", { for: `${id}-number` }, label);
    this.slider = element("input", { type: "range", id, "aria-label": label });
    this.number = element("input", { type: "number", id: `${id}-number`, step: "any", inputmode: "decimal" });
    this.row = element("div", { class: "slider" }, this.label, this.slider, this.number);
    this.slider.addEventListener("input", () => this.moved(true));
    this.slider.addEventListener("change", () => this.moved(false));
    this.number.addEventListener("input", () => this.typed());
    this.setRange(range);
  }

  setLabel(label) {
    this.label.textContent = label;
    this.slider.setAttribute("aria-label", label);
  }

  setRange(range) {
    this.range = range;
    this.slider.min = range[0];
    this.slider.max = range[1];
    this.slider.step = step(range);
  }

  /* Without telling anybody. What is being typed stays. */
  set(value) {
    this.value = value;
    this.slider.value = this.curve.from(value);
    if (document.activeElement !== this.number) this.number.value = written(value);
  }

  moved(moving) {
    this.value = this.curve.to(rounded(Number(this.slider.value), this.range));
    this.number.value = written(this.value);
    this.changed(this.value, moving);
  }

  typed() {
    const value = this.number.valueAsNumber;
    if (Number.isNaN(value)) return;
    this.value = value;
    this.slider.value = this.curve.from(value);
    this.changed(value, false);
  }
}

/* --gamma or --beta: as it is customary, one value, one for each channel, or what the picture has. */
class List {
  /* changed(moving): as of Slider. */
  constructor(root, id, changed) {
    const label = root.querySelector("legend").textContent;
    this.id = id;
    this.label = label;
    this.changed = changed;
    this.names = ["R", "G", "B"];
    this.planes = 1; /* 3: one value is that of the first channel */
    this.differ = false; /* channels have values of their own */
    this.mode = element("select", { id: `${id}-mode`, "aria-label": `${label}: what is given` },
      ...[["default", "by default"], ["one", "one value"], ["each", "each channel"], ["keep", "keep its own"]]
        .map(([value, text]) => element("option", { value }, text)));
    this.sliders = [0, 1, 2].map((c) => new Slider(`${id}-${c}`, label, [0, 1], (value, moving) => this.move(c, moving)));
    root.append(this.mode, ...this.sliders.map((slider) => slider.row));
    this.mode.addEventListener("change", () => { this.show(); this.changed(false); });
    this.show();
  }

  show() {
    const all = this.mode.value === "each" || (this.differ && (this.mode.value !== "one" || this.planes === 3));
    this.sliders.forEach((slider, c) => {
      slider.row.hidden = c > 0 && (!all || c >= this.names.length);
      slider.setLabel(all || this.planes === 3 ? this.names[c] ?? "" : "value");
      slider.slider.setAttribute("aria-label", `${this.label}${all ? `, ${this.names[c]}` : ""}`);
    });
  }

  /* Whoever moves a slider wants its value: alone where that says it all. */
  move(c, moving) {
    const alone = this.planes === 3 ? c === 0 : !this.differ;
    if (this.mode.value !== "each") this.mode.value = alone ? "one" : "each";
    this.show();
    this.changed(moving);
  }

  /* n: how many channels the picture has in the space. */
  values(n) {
    const mode = this.mode.value, values = this.sliders.map((slider) => slider.value);
    return mode === "default" ? [] : mode === "keep" ? ["keep"] : mode === "one" ? [values[0]] : values.slice(0, n);
  }

  /* Another space: other numbers. */
  reset(space) {
    const ranges = RANGES[space][this.id];
    this.mode.value = "default";
    this.planes = ["rgb", "linear"].includes(space) ? 1 : 3;
    this.sliders.forEach((slider, c) => slider.setRange(ranges[c > 0 ? 1 : 0]));
    this.show();
  }

  /* One value. */
  set(value) {
    this.sliders[0].set(rounded(value, this.sliders[0].range));
    this.mode.value = "one";
    this.show();
  }

  /* What came of it: shown where nothing else is asked for. */
  follow(result) {
    const channels = result.channel.slice(0, 3), given = this.mode.value;
    this.names = channels.map((channel) => channel.name);
    channels.forEach((channel, c) => {
      const asked = given === "each" || (given === "one" && c === 0);
      if (!asked && channel.touched) this.sliders[c].set(rounded(channel[this.id], this.sliders[c].range));
    });
    this.differ = channels.some((channel) => channel.touched && channel[this.id] !== channels[0][this.id]);
    this.show();
  }
}
