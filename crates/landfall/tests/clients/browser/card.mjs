// The facts of a cell: by pointing, by the focus, by touch; and how they go away.

import { BASE_URL, NEVER, SIZES, check, deploy, end, launch, open, signInAsAdmin, unequal } from "./browser.mjs";

const browser = await launch();
const session = await signInAsAdmin();
const CELL = '#board tr:has(a[title="checkout"]) td:nth-of-type(1) a.cell';

async function onBoard(run, size = SIZES.wide) {
  const { page, wrong, close } = await open(browser, { session, size });
  await page.goto(`${BASE_URL}/`);
  await page.waitForSelector("#live.on");
  const found = (await run(page)) ?? [];
  await close();
  return [...found, ...wrong.filter((line) => line.startsWith("page error"))];
}

const open_ = (page) => page.waitForSelector("#card:popover-open", NEVER);
const closed = (page) => page.waitForSelector("#card:not(:popover-open)", NEVER);
const facts = (page) => page.$$eval("#card dt", (names) => names.map((name) => name.textContent));

await check("pointing at a cell tells its facts, and nothing moves", () =>
  onBoard(async (page) => {
    const where = () => page.$$eval("#board a", (links) => JSON.stringify(links.map((link) => link.getBoundingClientRect())));
    const before = await where();
    await page.hover(CELL);
    await open_(page);
    const found = (await facts(page)).filter((name) => ["Who", "When", "Took", "Commit", "Since"].includes(name));
    const isInside = await page.$eval("#card", (card) => {
      const { left, top, right, bottom } = card.getBoundingClientRect();
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
    });
    return [
      ...unequal("facts", found, ["Who", "When", "Took", "Commit", "Since"]),
      ...unequal("that it is on the screen", isInside, true),
      ...unequal("that nothing moved", (await where()) === before, true),
    ];
  }));

await check("the pointer may go into the facts, and outside they close", () =>
  onBoard(async (page) => {
    await page.hover(CELL);
    await open_(page);
    await page.hover("#card dl");
    const [cell, card] = await page.evaluate((cell) => [document.querySelector(cell).getAttribute("aria-describedby"), document.querySelector("#card").matches(":popover-open")], CELL);
    await page.mouse.move(700, 880);
    await closed(page);
    return [...unequal("what describes the cell", cell, "card"), ...unequal("that it stays", card, true)];
  }));

await check("the focus tells them too, and Esc closes them and leaves the focus", () =>
  onBoard(async (page) => {
    await page.keyboard.press("j");
    await page.keyboard.press("l");
    await open_(page);
    await page.keyboard.press("Escape");
    await closed(page);
    return unequal("that the focus stays", await page.evaluate(() => document.activeElement.matches("a.cell")), true);
  }));

await check("the first touch tells them, the second opens the deployment", () =>
  onBoard(async (page) => {
    const link = await page.waitForSelector(CELL);
    const wanted = await link.evaluate((link) => link.href);
    await link.tap();
    await open_(page);
    const found = unequal("the address", page.url(), `${BASE_URL}/`);
    await Promise.all([page.waitForNavigation(), link.tap()]);
    return found.concat(unequal("the address after the second", page.url(), wanted));
  }, SIZES.phone));

await check("a cell that changes takes its facts along", () =>
  onBoard(async (page) => {
    await page.hover(CELL);
    await open_(page);
    await deploy("storefront", "checkout", "98.0.0", "development");
    await page.waitForFunction(() => [...document.querySelectorAll("#board .version")].some((it) => it.textContent === "98.0.0"), NEVER);
    await closed(page);
  }));

await end(browser);
