// What people come for: find one's agency, its tasks, a task, its words in the notice, and cite them.
import { open } from "./pages.mjs";

const AGENCY = "省能源局";
const MOST_TABS = 120;

function expect(condition, words) {
  if (!condition) throw new Error(words);
}

async function tabTo(page, words) {
  for (let i = 0; i < MOST_TABS; i++) {
    await page.keyboard.press("Tab");
    const [text, visible] = await page.evaluate(() => {
      const e = document.activeElement;
      const outline = getComputedStyle(e).outlineStyle;
      return [`${e.getAttribute("aria-label") ?? ""}${e.textContent}`.trim(), outline !== "none"];
    });
    if (text === words) {
      expect(visible, `the focus on ${words} cannot be seen`);
      return;
    }
  }
  throw new Error(`${words} cannot be reached by Tab`);
}

async function enter(page, part) {
  await Promise.all([page.waitForURL((url) => url.href.includes(part)), page.keyboard.press("Enter")]);
  await page.waitForLoadState("load");
}

async function go(page, words, part) {
  await tabTo(page, words);
  await enter(page, part);
}

export async function byKeyboard(context, base, faults) {
  const page = await open(context, base, "/", faults);
  await tabTo(page, "跳到正文");
  await page.keyboard.press("Enter");
  expect((await page.evaluate(() => document.activeElement.id)) === "main", "the skip link does not move the focus");
  await page.goto(base + "/");
  await go(page, "机构", "/agencies");
  await tabTo(page, "单位名称");
  await page.keyboard.type(AGENCY);
  await enter(page, "/agencies?name=");
  await go(page, AGENCY, "/agencies/gd-energy");
  const task = await page.evaluate(() => document.querySelector("main .rows a").textContent);
  await go(page, task, "/tasks/");
  const quote = await page.textContent("blockquote");
  expect(quote.includes(AGENCY), "the quote does not name the agency");
  const cited = page.url();
  await tabTo(page, "复制");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("[data-copy]").textContent === "已复制");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.includes("〔2022〕24号") && copied.includes(cited), `what was copied is no citation: ${copied}`);
  await page.goBack();
  await go(page, task, "/tasks/");
  await go(page, "在全文中查看", "/text?");
  expect((await page.textContent("#span")).includes(AGENCY), "the words are not marked in the notice");
  await page.close();
}

export async function withoutJavaScript(browser, base, faults) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await open(context, base, "/agencies", faults);
  await page.fill('main input[name="name"]', AGENCY);
  await page.click("main button");
  await page.click(`main tbody >> text=${AGENCY}`);
  await page.click("main .rows a");
  expect((await page.textContent("blockquote")).includes(AGENCY), "no quote without JavaScript");
  expect((await page.textContent("#citation")).includes("/tasks/"), "no citation without JavaScript");
  expect(!(await page.isVisible("[data-copy]")), "a button that does nothing is shown");
  const size = () => page.locator("h1").evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
  const before = await size();
  await page.check("#large");
  expect((await size()) > before * 1.2, "large text does not enlarge");
  await page.click("text=在全文中查看");
  expect((await page.textContent("#span")).includes(AGENCY), "no marked words without JavaScript");
  await page.fill('.top input[name="q"]', "粤商通");
  await page.click(".top button");
  expect((await page.textContent("main mark")) === "粤商通", "search does not highlight");
  await page.click("main .rows a");
  await page.click("text=报告错误");
  await page.fill("textarea", "试验：应为另一数字。");
  await page.click("main button");
  expect((await page.textContent("#received")).includes("已收到"), "an error report is not received");
  await page.click("footer >> text=English");
  expect((await page.getAttribute("html", "lang")) === "en", "the language does not change");
  await context.close();
}

export async function remembered(context, base, faults) {
  const page = await open(context, base, "/", faults);
  await page.check("#large");
  await page.goto(`${base}/about`);
  expect(await page.isChecked("#large"), "the text size is not remembered");
  await page.uncheck("#large");
  await page.close();
}

export async function printed(context, base, path, faults) {
  const page = await open(context, base, path, faults);
  await page.pdf({ format: "A4" });
  await page.emulateMedia({ media: "print" });
  await page.waitForFunction(() => document.querySelector(".cite img").naturalWidth > 0);
  expect(!(await page.isVisible(".top")), "the frame is printed");
  expect(await page.isVisible(".cite img"), "the QR code is not printed");
  await page.close();
}
