/* The command that does the same, and the formula with its numbers. Nothing here touches the page. */
"use strict";

function quoteWord(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/* Such a name would be taken for an option, or for another selector than a picture. */
function quoteName(name) {
  return quoteWord(/^(-|same$|all$|below:|above:|not:)/.test(name) ? `./${name}` : name);
}

/* The options for what is asked, as words. files: the names of the style and of the mask. */
function commandOptions(asked, files = {}) {
  const words = [];
  const add = (...more) => words.push(...more);
  if (asked.space !== "rgb") add("-S", asked.space);
  if (asked.norm !== "instance") add("-N", asked.norm === "group" ? `group:${asked.groups}` : asked.norm);
  if (asked.style >= 0) add("-s", quoteName(files.style));
  if (asked.gamma.length) add("-g", asked.gamma.join(","));
  if (asked.beta.length) add("-b", asked.beta.join(","));
  if (!Number.isNaN(asked.eps)) add("-e", String(asked.eps));
  if (asked.strength !== 1) add("--strength", String(asked.strength));
  if (asked.mask >= 0) add("--mask", quoteName(files.mask));
  if (!Number.isNaN(asked.below)) add("--mask", `below:${asked.below}`);
  if (!Number.isNaN(asked.above)) add("--mask", `above:${asked.above}`);
  if (asked.apply) add("--apply-mask", "same");
  if (asked.rgb) add("--rgb");
  if (asked.depth) add("--depth", String(asked.depth));
  return words;
}

function stem(name) {
  return name.replace(/\.[^.]*$/, "") || "picture";
}

/* The command line for the picture of that name; names: of all pictures, in their order, which is that of a batch. */
function commandLine(asked, name, names, files, turned) {
  const words = ["instnorm-cli", ...commandOptions(asked, files)];
  if (turned) words.push("--auto-orient");
  if (asked.norm === "batch") words.push("-f", "png", "-o", "normalized/", ...names.map(quoteName));
  else words.push(quoteName(name), quoteName(`${stem(name)}-normalized.png`));
  return words.join(" ");
}

/* Four digits, with a minus sign. */
function figure(x) {
  return x === null || x === undefined ? "–" : String(Number(x.toPrecision(4))).replace("-", "−");
}

function signed(x) {
  return `${x < 0 ? "−" : "+"} ${figure(Math.abs(x))}`;
}

/* "(x − 0.412) / √(0.0531 + 0.00001) × 0.25 + 0.5" and what it comes to. */
function formula(channel) {
  const { used, gamma, beta, eps, strength, scale, shift } = channel;
  const full = `(x ${signed(-used.mean)}) / √(${figure(used.variance)} + ${figure(eps)}) × ${figure(gamma)} ${signed(beta)}`;
  const map = `${figure(scale)} x ${signed(shift)}`;
  return { full: strength === 1 ? full : `${full}, at strength ${figure(strength)}`, map: map === "1 x + 0" ? "x" : map };
}
