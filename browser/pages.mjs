// What a page must be in a browser; `faults` are sentences, and none is right.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const COLOURS = { type: "rule", values: ["color-contrast", "link-in-text-block", "target-size"] };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function open(context, base, path, faults) {
  const page = await listened(context, base, faults);
  await visit(page, base, path, faults);
  return page;
}

// An empty page, of which all that goes wrong is noted.
export async function listened(context, base, faults) {
  const page = await context.newPage();
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && faults.push(`console: ${m.text()}`));
  page.on("pageerror", (error) => faults.push(`script: ${error}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure().errorText; // aborted: who looked went on before all was there
    if (reason !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()}: ${reason}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !url.startsWith("data:")) faults.push(`another host: ${url}`);
  });
  return page;
}

export async function visit(page, base, path, faults) {
  const response = await page.goto(base + path, { waitUntil: "load" });
  if (response.status() !== 200) faults.push(`status ${response.status()}`);
}

// What a mode can change is colours and sizes: all else is judged once.
export const inColours = (page, mode, faults) => accessible(page, mode, faults, COLOURS);

export async function accessible(page, mode, faults, rules = RULES) {
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe);
  const found = await page.evaluate(
    (rules) => axe.run({ runOnly: rules, resultTypes: ["violations"] }),
    rules,
  );
  for (const one of found.violations)
    faults.push(`axe, ${mode}: ${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
}

export async function narrow(page, faults) {
  const [width, widest] = await page.evaluate(() => {
    const elements = [...document.querySelectorAll("body *")].filter((e) => getComputedStyle(e).position !== "absolute");
    const beyond = elements.find((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest("pre"));
    return [document.documentElement.scrollWidth, beyond?.outerHTML.slice(0, 120)];
  });
  if (width > 360 || widest) faults.push(`360 px: scrolls sideways to ${width}: ${widest}`);
}
