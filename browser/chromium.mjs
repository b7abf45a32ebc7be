// Chromium from an npm package: nothing to install beside Node.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import chromium from "@sparticuz/chromium";
import { chromium as driver } from "playwright-core";

const unpacked = fileURLToPath(new URL("node_modules/.chromium", import.meta.url));

export async function launch(...args) {
  mkdirSync(unpacked, { recursive: true });
  process.env.TMPDIR = unpacked; // where the package unpacks the browser, once
  const executablePath = await chromium.executablePath();
  return driver.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...args] });
}
