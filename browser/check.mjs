// node check.mjs BASE PAGES.json: each page once, and the journeys; prints faults as JSON.
import { readFileSync } from "node:fs";
import { launch } from "./chromium.mjs";
import { byKeyboard, printed, remembered, withoutJavaScript } from "./journeys.mjs";
import { accessible, axe, inColours, listened, narrow, visit } from "./pages.mjs";

const [base, file] = process.argv.slice(2);
const paths = JSON.parse(readFileSync(file, "utf8"));
const found = {};
const browser = await launch();
const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });

async function attempt(name, run) {
  const faults = [];
  try {
    await run(faults);
  } catch (error) {
    faults.push(String(error.message ?? error));
  }
  if (faults.length) found[name] = faults;
}

// One page for all: to make another takes longer than to look at it.
const heard = [];
const page = await listened(context, base, heard);
await page.addInitScript(axe); // sent once, and compiled once

async function look(path, faults) {
  try {
    await page.setViewportSize({ width: 1280, height: 720 });
    await page.emulateMedia({ colorScheme: "light" });
    await visit(page, base, path, faults);
    await accessible(page, "light", faults);
    await page.setViewportSize({ width: 360, height: 800 });
    await page.emulateMedia({ colorScheme: "dark" });
    await narrow(page, faults);
    await inColours(page, "dark, 360 px", faults);
  } finally {
    faults.push(...heard.splice(0));
  }
}

for (const path of paths) await attempt(path, (faults) => look(path, faults));
await page.close();
const task = paths.find((path) => path.startsWith("/tasks/"));
await attempt("by keyboard", (faults) => byKeyboard(context, base, faults));
await attempt("without JavaScript", (faults) => withoutJavaScript(browser, base, faults));
await attempt("text size", (faults) => remembered(context, base, faults));
await attempt("print", (faults) => printed(context, base, task, faults));
await browser.close();
console.log(JSON.stringify(found, null, 1));
