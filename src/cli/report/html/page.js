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
    const modeOf = { s: "divider", o: "onion", d: "difference" };
    modes.hidden = false;
    modes.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button) compareBy(button.dataset.mode);
    });
    document.addEventListener("keydown", (event) => {
        const mode = modeOf[event.key];
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

// ---- numbers ----

// So many rows are laid out until all are asked for: ten thousand take seconds each time that they are sorted.
const few = 300;
const table = document.querySelector(".numbers");
const collator = new Intl.Collator(undefined, { numeric: true });

// What a cell is sorted by. One without a number comes last.
const keys = {
    text: (cell) => cell.textContent,
    first: (cell) => numbersOf(cell)[0] ?? NaN,
    largest: (cell) => (numbersOf(cell).length ? Math.max(...numbersOf(cell)) : NaN),
};

function numbersOf(cell) {
    const text = cell.textContent.replaceAll("−", "-");
    return (text.match(/-?\d[\d.]*(?:e[+-]?\d+)?/g) ?? []).map(Number);
}

function compare(a, b, descends) {
    if (typeof a === "string") return descends ? collator.compare(b, a) : collator.compare(a, b);
    return Number.isNaN(a) - Number.isNaN(b) || (descends ? b - a : a - b);
}

function sortBy(heading) {
    const body = table.tBodies[0];
    const descends = heading.getAttribute("aria-sort") === "ascending";
    const keyOf = keys[heading.dataset.sort];
    const rows = Array.from(body.rows, (row) => [keyOf(row.cells[heading.cellIndex]), row]);
    rows.sort(([a], [b]) => compare(a, b, descends));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", descends ? "descending" : "ascending");
    body.replaceChildren(...rows.map(([, row]) => row));
    showRows();
}

const all = document.createElement("button");
let limit = few;

function showRows() {
    Array.from(table.tBodies[0].rows).forEach((row, i) => { row.hidden = i >= limit; });
}

if (table) {
    for (const heading of table.querySelectorAll("th[data-sort]")) {
        const button = document.createElement("button");
        button.type = "button";
        button.append(...heading.childNodes);
        button.addEventListener("click", () => sortBy(heading));
        heading.append(button);
    }
    if (table.tBodies[0].rows.length > few) {
        all.type = "button";
        all.textContent = `Show all ${table.tBodies[0].rows.length} rows`;
        all.addEventListener("click", () => {
            limit = Infinity;
            showRows();
            all.remove();
        });
        table.closest("section").after(all);
        showRows();
    }
}
