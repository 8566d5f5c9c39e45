"use strict";

// Listeners are at the document: thousands of pictures cost nothing until one of them is used.
const root = document.documentElement;
root.classList.add("js");

// ---- before and after ----

const modes = document.querySelector(".modes");

function compareBy(mode) {
    root.dataset.mode = mode;
    for (const button of modes.querySelectorAll("button"))
        button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
}

function setDivider(slider) {
    slider.parentElement.style.setProperty("--at", slider.value / 100);
}

if (modes) {
    const keys = { s: "divider", o: "onion", d: "difference" };
    modes.hidden = false;
    modes.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button) compareBy(button.dataset.mode);
    });
    document.addEventListener("keydown", (event) => {
        const mode = keys[event.key];
        if (mode && !event.ctrlKey && !event.metaKey && !event.altKey) compareBy(mode);
    });
    document.addEventListener("input", (event) => {
        if (event.target.type === "range") setDivider(event.target);
    });
    document.addEventListener("dblclick", (event) => {
        if (event.target.type !== "range") return;
        event.target.value = 50;
        setDivider(event.target);
    });
    // What a browser restores when it goes back.
    for (const slider of document.querySelectorAll("input[type=range]")) if (slider.value !== "50") setDivider(slider);
}

// ---- sorting ----

// A cell as what it is sorted by; a cell without a number comes last.
const sortedBy = {
    text: (cell) => cell.textContent,
    first: (cell) => numbersOf(cell)[0] ?? NaN,
    largest: (cell) => numbersOf(cell).reduce((a, b) => Math.max(a, b), NaN || -Infinity),
};

function numbersOf(cell) {
    const text = cell.textContent.replaceAll("−", "-").replaceAll("<", "");
    return (text.match(/-?\d[\d.]*(?:e[+-]?\d+)?/g) ?? []).map(Number);
}

function compare(a, b) {
    if (typeof a === "string") return a.localeCompare(b, undefined, { numeric: true });
    const lacks = Number.isNaN(a) - Number.isNaN(b);
    return lacks || a - b;
}

function sortBy(heading) {
    const table = heading.closest("table");
    const body = table.tBodies[0];
    const descends = heading.getAttribute("aria-sort") === "ascending";
    const key = sortedBy[heading.dataset.sort];
    const rows = Array.from(body.rows, (row) => [key(row.cells[heading.cellIndex]), row]);
    rows.sort(([a], [b]) => {
        if (typeof a === "number" && (Number.isNaN(a) || Number.isNaN(b))) return compare(a, b);
        return descends ? compare(b, a) : compare(a, b);
    });
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descends ? "descending" : "ascending");
    body.replaceChildren(...rows.map(([, row]) => row));
}

for (const heading of document.querySelectorAll("th[data-sort]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sortBy(heading));
    heading.append(button);
}
