/*
 * What the tests of pages share: Debian's chromium, checks that are counted, and what any page must keep to: no error on
 * its console, nothing fetched, no serious finding of axe-core.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

let passed = 0;
const failed = [];

export function check(holds, text) {
  if (holds) passed++;
  else failed.push(text);
  if (!holds) console.log(`FAILED ${text}`);
  return holds;
}

export function equal(got, want, text) {
  return check(got === want, `${text}: ${JSON.stringify(got)}, not ${JSON.stringify(want)}`);
}

/* The last line, and the exit status. */
export function finish(name) {
  if (passed === 0) failed.push("nothing was checked");
  console.log(`${name}: ${passed} passed, ${failed.length} failed`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

export async function withBrowser(work) {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
  });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

/* Opens a page of the disk. What it says on its console, and what it fetches but itself, is a failure. */
export async function open(browser, path, { width = 1280, height = 900, dark = false, javaScriptEnabled = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled,
  });
  const page = await context.newPage();
  const address = pathToFileURL(path).href;
  page.on("console", (message) => check(!["error", "warning"].includes(message.type()), `console: ${message.text()}`));
  page.on("pageerror", (error) => check(false, `error: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    check(url.split("#")[0] === address || url.startsWith("data:") || url.startsWith("blob:"), `fetches ${url.slice(0, 80)}`);
  });
  await page.goto(address);
  return page;
}

/* No finding of axe-core that is serious or worse. */
export async function checkAccess(page, name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  for (const { id, help, nodes } of bad) console.log(`  ${id}: ${help}: ${nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")}`);
  equal(bad.length, 0, `${name}: serious findings of axe-core`);
}

/* Nothing sticks out to the right. */
export async function checkWidth(page, name) {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  check(inner <= outer, `${name}: the page is ${inner} pixels wide in a window of ${outer}`);
}

export async function screenshot(page, folder, name) {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
