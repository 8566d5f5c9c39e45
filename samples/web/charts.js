/* Histograms as SVG: an area for each channel, a line at its mean, a bar as wide as its deviation on both sides. */
"use strict";

const CHART = { width: 320, height: 120, foot: 26 };

function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/* One bin may hold nearly all: the highest but a few sets the scale. */
function scaleOf(channels, k) {
  const all = channels.flatMap((channel) => channel.bins[k]).filter((n) => n > 0).sort((a, b) => a - b);
  return all.length ? all[Math.floor(0.995 * (all.length - 1))] * 1.05 : 1;
}

function area(bins, most) {
  const h = CHART.height - CHART.foot, step = CHART.width / bins.length;
  const points = bins.map((n, i) => `L${(i * step).toFixed(2)} ${(h - h * Math.min(1, n / most)).toFixed(2)}h${step.toFixed(2)}`);
  return `M0 ${h}${points.join("")}L${CHART.width} ${h}Z`;
}

function marks(channel, moments, c) {
  const h = CHART.height - CHART.foot;
  const at = (value) => (CHART.width * (value - channel.low)) / (channel.high - channel.low);
  const y = h + 5 + 6 * c;
  if (moments.mean === null) return [];
  return [
    svg("line", { class: `mean c${c}`, x1: at(moments.mean), x2: at(moments.mean), y1: 0, y2: y + 2 }),
    svg("line", { class: `deviation c${c}`, x1: at(moments.mean - moments.std), x2: at(moments.mean + moments.std), y1: y, y2: y }),
  ];
}

/* Every channel on its own axis where they differ, as those of lab do. k: 0 before, 1 after. */
function drawHistogram(to, result, k) {
  const channels = result.channel.filter((channel) => channel.bins);
  const most = scaleOf(channels, k);
  const shapes = channels.map((channel, c) => svg("path", { class: `area c${c}`, d: area(channel.bins[k], most) }));
  const lines = channels.flatMap((channel, c) => marks(channel, k ? channel.after : channel.measured, c));
  const numbers = channels.map((channel) => {
    const moments = k ? channel.after : channel.measured;
    return `${channel.name}: mean ${figure(moments.mean)}, deviation ${figure(moments.std)}`;
  });
  to.setAttribute("viewBox", `0 0 ${CHART.width} ${CHART.height}`);
  to.setAttribute("aria-label", `Histogram ${k ? "after" : "before"}. ${numbers.join("; ")}`);
  to.replaceChildren(...shapes, ...lines);
}

/* The numbers of the charts, for those who read them. */
function fillTable(body, result) {
  body.replaceChildren(...result.channel.map((channel, c) => {
    const row = document.createElement("tr"), head = document.createElement("th"), after = channel.after ?? {};
    const numbers = [channel.measured.mean, channel.measured.std, after.mean, after.std];
    head.scope = "row";
    head.className = `c${c}`;
    head.textContent = channel.name;
    row.append(head, ...numbers.map((x) => Object.assign(document.createElement("td"), { textContent: figure(x) })));
    return row;
  }));
}

/* "Clipped: R 0.2 % low, 1.1 % high; …", of the channels of the output. */
function clipping(result) {
  const percent = (n) => figure(Number(((100 * n) / (result.pixels || 1)).toPrecision(3)));
  const clips = result.channel.filter(({ clip_low: low, clip_high: high }) => low > 0 || high > 0);
  const list = clips.map((channel) => `${channel.output} ${percent(channel.clip_low)} % low, ${percent(channel.clip_high)} % high`);
  return list.length ? `Clipped: ${list.join("; ")}` : "Nothing is clipped";
}
