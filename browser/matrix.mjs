// node matrix.mjs BASE PAGES.json: every page in every mode and language, its HTML, and Lighthouse.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { HtmlValidate } from "html-validate";
import lighthouse from "lighthouse";
import { launch } from "./chromium.mjs";
import { accessible, narrow, open } from "./pages.mjs";

const WIDTHS = [1280, 768, 360];
const LANGUAGES = ["zh-Hans", "zh-Hant", "en"];
const LEAST = { accessibility: 0.99, "best-practices": 0.99, seo: 0.99, performance: 0.95 };
// What these say against is meant: attributes in the shortest form, and text that is not in a phone's format.
const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: { "valid-id": ["error", { relaxed: true }], "long-title": "off", "no-trailing-whitespace": "off", "tel-non-breaking": "off" },
});

const [base, file] = process.argv.slice(2);
const paths = JSON.parse(readFileSync(file, "utf8"));
const found = {};
const port = await freePort();
const browser = await launch(`--remote-debugging-port=${port}`);

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function attempt(name, run) {
  const faults = [];
  try {
    await run(faults);
  } catch (error) {
    faults.push(String(error.message ?? error));
  }
  if (faults.length) found[name] = [...(found[name] ?? []), ...faults];
}

async function inEveryMode(path, faults) {
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({ colorScheme });
    const page = await open(context, base, path, faults);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await accessible(page, `${colorScheme}, ${width} px`, faults);
      if (width === 360) await narrow(page, faults);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.check("#large").catch(() => undefined); // embeds have no such setting
    await accessible(page, `${colorScheme}, large text`, faults);
    await page.emulateMedia({ media: "print", colorScheme });
    await accessible(page, "print", faults);
    await context.close();
  }
}

async function wellFormed(path, faults) {
  for (const language of LANGUAGES) {
    const response = await fetch(`${base}${path}${path.includes("?") ? "&" : "?"}lang=${language}`);
    const report = await validator.validateString(await response.text());
    for (const { messages } of report.results)
      for (const one of messages) faults.push(`${language}: line ${one.line}: ${one.ruleId}: ${one.message}`);
  }
}

async function judged(path, faults) {
  const { lhr } = await lighthouse(base + path, { port, logLevel: "error", onlyCategories: Object.keys(LEAST) });
  for (const [category, least] of Object.entries(LEAST)) {
    const { score, auditRefs } = lhr.categories[category];
    const failed = auditRefs.map((ref) => lhr.audits[ref.id]).filter((audit) => audit.score !== null && audit.score < 0.9);
    const why = failed.map((audit) => audit.id).join(", ");
    console.error(path, category, score, why);
    if (category === "performance" && !path.startsWith("/plans/")) continue; // time, not work: once, where it counts
    if (score < least) faults.push(`Lighthouse: ${category} ${score}: ${why}`);
  }
}

for (const path of paths) {
  await attempt(path, (faults) => wellFormed(path, faults));
  await attempt(path, (faults) => inEveryMode(path, faults));
}
for (const path of ["/", ...paths.filter((one) => /^\/(plans|tasks)\/[^/]+$/.test(one))])
  await attempt(path, (faults) => judged(path, faults));
await browser.close();
console.log(JSON.stringify(found, null, 1));
