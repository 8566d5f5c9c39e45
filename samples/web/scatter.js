/* How far statistics of random batches lie apart, over the size of the batch: a dot for each, a line for all crops. */
"use strict";

const PLOT = { width: 420, height: 230, left: 46, right: 10, top: 10, bottom: 34 };

/* About four round numbers. */
function ticks(low, high) {
  const unit = step([0, 25 * (high - low)]), from = Math.ceil(low / unit), count = Math.floor(high / unit) - from + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((from + i) * unit).toPrecision(6)));
}

/* The range of the values, with a little room. */
function rangeOf(values) {
  const low = Math.min(...values), high = Math.max(...values), room = 0.06 * (high - low) || 0.01;
  return [low - room, high + room];
}

/* points: [SIZES][DRAWS]. all: of all crops. size: of the batch that is seen. words: for those who do not see it. */
function drawScatter(to, points, all, size, words) {
  const { width, height, left, right, top, bottom } = PLOT, [low, high] = rangeOf([...points.flat(), all]);
  const column = (width - left - right) / SIZES.length;
  const inner = height - top - bottom;
  const x = (i) => left + column * (i + 0.5), y = (value) => top + (inner * (high - value)) / (high - low);
  const grid = ticks(low, high).flatMap((value) => [
    svg("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }),
    svg("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, figure(value)),
  ]);
  const now = (name, i) => ({ class: SIZES[i] === size ? `${name} now` : name });
  const names = SIZES.map((n, i) =>
    svg("text", { ...now("size", i), x: x(i), y: height - bottom + 16, "text-anchor": "middle" }, String(n)));
  const dots = points.flatMap((values, i) => values.map((value, k) => {
    const beside = column * 0.7 * ((k + 0.5) / values.length - 0.5);
    return svg("circle", { ...now("dot", i), cx: (x(i) + beside).toFixed(2), cy: y(value).toFixed(2), r: 2.75 });
  }));
  to.setAttribute("viewBox", `0 0 ${width} ${height}`);
  to.setAttribute("aria-label", words);
  to.replaceChildren(
    svg("rect", { class: "band", x: x(SIZES.indexOf(size)) - column / 2, y: top, width: column, height: inner }),
    ...grid,
    svg("line", { class: "all", x1: left, x2: width - right, y1: y(all), y2: y(all) }),
    ...dots, ...names,
    svg("text", { x: left + (width - left - right) / 2, y: height - 3, "text-anchor": "middle" }, "batch size N"));
}

/* "0.412 ± 0.031": as many digits as the deviation has to say. */
function withSpread({ mean, std }) {
  const digits = std > 0 ? Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(std)))) : 3;
  return `${mean.toFixed(digits)} ± ${std.toFixed(digits)}`.replace(/-/g, "−");
}
