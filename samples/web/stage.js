/* What is seen: before and after in one place, a divider between them, zoom and position, the same for both. */
"use strict";

const ZOOM_MOST = 32;
const LAYERS = ["before", "after", "weights"];

/* Stripes that are seen on any picture, over what is drawn already. */
function hatch(context, width, height) {
  const ratio = window.devicePixelRatio || 1, stripe = document.createElement("canvas");
  stripe.width = stripe.height = 8 * ratio;
  const lines = stripe.getContext("2d");
  lines.scale(ratio, ratio);
  lines.fillStyle = "#101418";
  lines.fillRect(0, 0, 8, 8);
  lines.strokeStyle = "#aeb8c4";
  lines.lineWidth = 1.5;
  for (const x of [-8, 0, 8]) {
    lines.moveTo(x, 8);
    lines.lineTo(x + 8, 0);
  }
  lines.stroke();
  context.globalCompositeOperation = "source-in";
  context.fillStyle = context.createPattern(stripe, "repeat");
  context.fillRect(0, 0, width, height);
}

class Stage {
  /* moved: called when other pixels are to be seen. */
  constructor(root, moved) {
    this.root = root;
    this.moved = moved;
    this.divider = root.querySelector("#divider");
    this.canvas = Object.fromEntries(LAYERS.map((name) => [name, root.querySelector(`#${name}`)]));
    this.image = {}; /* of each layer: { canvas, part } */
    this.size = null; /* of the picture */
    this.zoom = 0; /* device pixels for each of the picture; 0: as large as there is room */
    this.centre = { x: 0, y: 0 };
    this.at = 0.5; /* of the divider */
    this.pointers = new Map();
    new ResizeObserver(() => this.resize()).observe(root);
    root.addEventListener("pointerdown", (event) => this.down(event));
    root.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) root.addEventListener(name, (event) => this.up(event));
    root.addEventListener("dblclick", () => this.setDivider(0.5));
    root.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    root.addEventListener("keydown", (event) => this.key(event));
    this.divider.addEventListener("keydown", (event) => this.dividerKey(event));
  }

  /* ---- where things are ---- */

  get width() { return this.canvas.before.width; }
  get height() { return this.canvas.before.height; }

  /* Very small pictures by whole pixels. */
  fit() {
    const most = Math.min(this.width / this.size.width, this.height / this.size.height);
    return most >= 4 ? Math.floor(most) : most;
  }

  get scale() { return this.zoom || this.fit(); }

  /* The upper left corner of the picture, in device pixels. */
  origin() {
    return { x: Math.round(this.width / 2 - this.centre.x * this.scale), y: Math.round(this.height / 2 - this.centre.y * this.scale) };
  }

  /* The pixels that are seen, of at most so many squares of step x step. */
  part(most) {
    const { width, height } = this.size, scale = this.scale, origin = this.origin();
    const x = Math.max(0, Math.floor(-origin.x / scale)), y = Math.max(0, Math.floor(-origin.y / scale));
    const right = Math.min(width, Math.ceil((this.width - origin.x) / scale)), bottom = Math.min(height, Math.ceil((this.height - origin.y) / scale));
    const part = { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y), step: 1 };
    part.step = Math.max(1, Math.floor(1 / scale), Math.ceil(Math.sqrt((part.width * part.height) / most)));
    return part;
  }

  /* ---- drawing ---- */

  resize() {
    const ratio = window.devicePixelRatio || 1, box = this.root.getBoundingClientRect();
    for (const name of LAYERS) {
      this.canvas[name].width = Math.max(1, Math.round(box.width * ratio));
      this.canvas[name].height = Math.max(1, Math.round(box.height * ratio));
    }
    if (this.size) this.settle();
  }

  setPicture(size) {
    this.size = size;
    this.image = {};
    this.setZoom(0);
  }

  /* pixels: NULL removes the layer. */
  setImage(layer, pixels, part) {
    if (!pixels) delete this.image[layer];
    else {
      const canvas = this.image[layer]?.canvas ?? document.createElement("canvas");
      canvas.width = pixels.width;
      canvas.height = pixels.height;
      canvas.getContext("2d").putImageData(new ImageData(pixels.data, pixels.width, pixels.height), 0, 0);
      this.image[layer] = { canvas, part };
    }
    this.drawLayer(layer);
  }

  /* Whether the layer has all of the part. */
  covers(layer, part) {
    const has = this.image[layer]?.part;
    return Boolean(has) && has.x <= part.x && has.y <= part.y && has.x + has.width >= part.x + part.width &&
      has.y + has.height >= part.y + part.height;
  }

  drawLayer(layer) {
    const context = this.canvas[layer].getContext("2d"), image = this.image[layer];
    context.clearRect(0, 0, this.width, this.height);
    if (!image || !this.size) return;
    const scale = this.scale, origin = this.origin(), { canvas, part } = image;
    context.save();
    context.beginPath();
    context.rect(origin.x, origin.y, this.size.width * scale, this.size.height * scale);
    context.clip();
    context.imageSmoothingEnabled = part.step > 1 || !Number.isInteger(scale);
    context.drawImage(canvas, origin.x + part.x * scale, origin.y + part.y * scale, canvas.width * part.step * scale, canvas.height * part.step * scale);
    if (layer === "weights") hatch(context, this.width, this.height);
    context.restore();
  }

  draw() {
    for (const layer of LAYERS) this.drawLayer(layer);
    this.placeDivider();
  }

  /* ---- divider ---- */

  /* Left and right end of what is seen of the picture, as fractions of the stage. */
  ends() {
    if (!this.size) return [0, 1];
    const left = this.origin().x / this.width, right = left + (this.size.width * this.scale) / this.width;
    return [Math.max(0, left), Math.min(1, right)];
  }

  placeDivider() {
    const [left, right] = this.ends(), x = left + (right - left) * this.at;
    this.root.style.setProperty("--at", `${100 * x}%`);
    this.divider.setAttribute("aria-valuenow", Math.round(100 * this.at));
  }

  setDivider(at) {
    this.at = Math.min(1, Math.max(0, at));
    this.placeDivider();
  }

  dividerKey(event) {
    const step = event.shiftKey ? 0.1 : 0.01;
    const to = { ArrowLeft: this.at - step, ArrowDown: this.at - step, ArrowRight: this.at + step, ArrowUp: this.at + step,
      PageDown: this.at - 0.1, PageUp: this.at + 0.1, Home: 0, End: 1, Enter: 0.5 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.setDivider(to);
  }

  /* ---- zoom and position ---- */

  /* about: the point of the stage that stays, in device pixels. */
  setZoom(zoom, about = { x: this.width / 2, y: this.height / 2 }) {
    if (!this.size) return;
    const origin = this.origin(), old = this.scale;
    const point = { x: (about.x - origin.x) / old, y: (about.y - origin.y) / old };
    this.zoom = Math.min(ZOOM_MOST, Math.max(0, zoom));
    this.centre = { x: point.x + (this.width / 2 - about.x) / this.scale, y: point.y + (this.height / 2 - about.y) / this.scale };
    this.settle();
  }

  /* A step of 100 % up or down; what fits is the least. It may be more than the most, of very small pictures. */
  zoomBy(step, about) {
    if (step > 0 && this.scale >= ZOOM_MOST) return;
    const to = step > 0 ? Math.floor(this.scale) + 1 : Math.ceil(this.scale) - 1;
    this.setZoom(step < 0 && to <= this.fit() ? 0 : to, about);
  }

  /* Nothing is seen beside the picture that need not be. */
  settle() {
    const clamp = (centre, picture, stage) => {
      const half = stage / this.scale / 2;
      return picture <= 2 * half ? picture / 2 : Math.min(picture - half, Math.max(half, centre));
    };
    this.centre.x = clamp(this.centre.x, this.size.width, this.width);
    this.centre.y = clamp(this.centre.y, this.size.height, this.height);
    this.root.classList.toggle("pans", this.zoom > this.fit());
    this.draw();
    this.moved();
  }

  panBy(x, y) {
    if (!this.size) return;
    this.centre.x += x / this.scale;
    this.centre.y += y / this.scale;
    this.settle();
  }

  key(event) {
    const far = event.shiftKey ? 400 : 60;
    const keys = { "+": () => this.zoomBy(1), "=": () => this.zoomBy(1), "-": () => this.zoomBy(-1), 0: () => this.setZoom(0),
      1: () => this.setZoom(1), ArrowLeft: () => this.panBy(-far, 0), ArrowRight: () => this.panBy(far, 0),
      ArrowUp: () => this.panBy(0, -far), ArrowDown: () => this.panBy(0, far) };
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  wheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    if (this.wheeled && event.timeStamp - this.wheeled < 80) return;
    this.wheeled = event.timeStamp;
    this.zoomBy(event.deltaY < 0 ? 1 : -1, this.point(event));
  }

  /* ---- pointers ---- */

  point(event) {
    const box = this.root.getBoundingClientRect(), ratio = this.width / box.width;
    return { x: (event.clientX - box.left) * ratio, y: (event.clientY - box.top) * ratio };
  }

  down(event) {
    if (!this.size || event.button !== 0) return;
    const point = this.point(event), [left, right] = this.ends();
    const divider = this.width * (left + (right - left) * this.at);
    const near = Math.abs(point.x - divider) < 18 * (window.devicePixelRatio || 1);
    this.pointers.set(event.pointerId, point);
    this.drags = near || !this.root.classList.contains("pans") ? "divider" : "picture";
    this.pinch = null;
    this.root.setPointerCapture(event.pointerId);
    if (near) this.divider.focus({ preventScroll: true });
    if (this.drags === "divider") this.dragDivider(point);
  }

  dragDivider(point) {
    const [left, right] = this.ends();
    this.setDivider((point.x / this.width - left) / (right - left));
  }

  move(event) {
    const before = this.pointers.get(event.pointerId), point = this.point(event);
    if (!before) return;
    this.pointers.set(event.pointerId, point);
    if (this.pointers.size === 2) this.pinchBy();
    else if (this.drags === "divider") this.dragDivider(point);
    else this.panBy(before.x - point.x, before.y - point.y);
  }

  /* Two fingers: a step each time that their distance has grown by half, or shrunk as much. */
  pinchBy() {
    const [a, b] = [...this.pointers.values()];
    const distance = Math.hypot(a.x - b.x, a.y - b.y), middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    this.pinch ??= distance;
    if (distance < this.pinch * 1.5 && distance > this.pinch / 1.5) return;
    this.zoomBy(distance > this.pinch ? 1 : -1, middle);
    this.pinch = distance;
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    this.pinch = null;
  }
}
