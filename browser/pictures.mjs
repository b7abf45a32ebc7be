// node pictures.mjs BASE FOLDER: the pictures of the README; needs fonts that have Chinese.
import { launch } from "./chromium.mjs";

const [base, folder] = process.argv.slice(2);
const SIZE = { width: 1000, height: 620 };
const PICTURES = {
  agency: "/agencies/gd-energy",
  task: "/tasks/gd-dg-2022-t17.2",
  plan: "/plans/gd-dg-2022",
};

const browser = await launch();
for (const [name, path] of Object.entries(PICTURES)) {
  const page = await browser.newPage({ viewport: SIZE });
  await page.goto(base + path, { waitUntil: "load" });
  await page.screenshot({ path: `${folder}/${name}.jpg`, type: "jpeg", quality: 72 });
  await page.close();
}
const phone = await browser.newPage({ viewport: { width: 360, height: 620 }, colorScheme: "dark" });
await phone.goto(`${base}${PICTURES.task}`, { waitUntil: "load" });
await phone.screenshot({ path: `${folder}/phone.jpg`, type: "jpeg", quality: 72 });
await browser.close();
