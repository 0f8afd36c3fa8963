// The filter, the numbers, the keys and the theme.

import { BASE_URL, NEVER, SIZES, check, end, launch, open, signInAsAdmin, unequal } from "./browser.mjs";

const browser = await launch();
const session = await signInAsAdmin();

async function onBoard(path, run, size = SIZES.wide) {
  const { page, wrong, close } = await open(browser, { session, size });
  await page.goto(BASE_URL + path);
  await page.waitForSelector("#board tbody tr[data-id]");
  const found = (await run(page)) ?? [];
  await close();
  return [...found, ...wrong.filter((line) => line.startsWith("page error"))];
}

const names = (page) => page.$$eval("#board tbody tr[data-id] th a", (links) => links.map((link) => link.textContent));
const rows = (page, count) => page.waitForFunction(
  (count) => document.querySelectorAll("#board tbody tr[data-id]").length === count,
  NEVER,
  count,
);
/** Which row and column has the focus. */
const place = (page) => page.evaluate(() => {
  const cell = document.activeElement.closest("#board td, #board th");
  const rows = [...document.querySelectorAll("#board tbody tr[data-id]")];
  return cell && [rows.indexOf(cell.parentElement), cell.cellIndex];
});

await check("typing filters the rows, and the address keeps it", () =>
  onBoard("/", async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("chec");
    await rows(page, 1);
    const found = unequal("the address", new URL(page.url()).search, "?q=chec");
    await page.reload();
    await page.waitForSelector("#board tbody tr[data-id]");
    found.push(...unequal("what is shown after a reload", await names(page), ["checkout"]));
    return found.concat(unequal("the field", await page.$eval("input[type=search]", (field) => field.value), "chec"));
  }));

await check("an emptied filter shows everything again", () =>
  onBoard("/?q=checkout", async (page) => {
    await page.focus("input[type=search]");
    await page.keyboard.down("Control");
    await page.keyboard.press("a");
    await page.keyboard.up("Control");
    await page.keyboard.press("Backspace");
    await rows(page, 12);
    return unequal("the address", new URL(page.url()).search, "");
  }));

await check("a number shows its rows, with the filter that was typed, and lets go again", () =>
  onBoard("/", async (page) => {
    await page.type("input[type=search]", "o");
    await page.waitForFunction(() => document.querySelector("#numbers a[href*='show=drifted']")?.href.includes("q=o"), NEVER);
    const counted = await page.$eval("#numbers a[href*='show=drifted'] b", (number) => Number(number.textContent));
    await Promise.all([page.waitForNavigation(), page.click("#numbers a[href*='show=drifted']")]);
    const found = unequal("rows", (await names(page)).length, counted);
    found.push(...unequal("the field", await page.$eval("input[type=search]", (field) => field.value), "o"));
    await Promise.all([page.waitForNavigation(), page.click("#numbers a[aria-current]")]);
    return found.concat(unequal("the address", new URL(page.url()).search, "?q=o"));
  }));

await check("a type of environment shows its columns only", () =>
  onBoard("/", async (page) => {
    await Promise.all([page.waitForNavigation(), page.select("select[name=type]", "production")]);
    const heads = await page.$$eval("#board thead th", (heads) => heads.map((head) => head.textContent));
    const cells = await page.$$eval("#board tbody tr[data-id]", (rows) => rows.map((row) => row.cells.length));
    return [...unequal("columns", heads, ["Application", "production", "production-us", "30 days"]), ...unequal("cells", [...new Set(cells)], [4])];
  }));

await check("j, k, h and l move, and so do arrows", () =>
  onBoard("/", async (page) => {
    const found = [];
    for (const [key, at] of [["j", [0, 0]], ["j", [1, 0]], ["l", [1, 1]], ["ArrowDown", [2, 1]], ["ArrowRight", [2, 2]], ["k", [1, 2]], ["h", [1, 1]]]) {
      await page.keyboard.press(key);
      found.push(...unequal(`after ${key} the place`, await place(page), at));
    }
    return found;
  }));

await check("Enter opens what has the focus", () =>
  onBoard("/", async (page) => {
    await page.keyboard.press("j");
    await page.keyboard.press("l");
    const wanted = await page.evaluate(() => document.activeElement.href);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    return [...unequal("the address", page.url(), wanted), ...unequal("a deployment", wanted.includes("/deployments/"), true)];
  }));

await check("a question mark shows the keys, and Esc hides them", () =>
  onBoard("/", async (page) => {
    await page.keyboard.press("?");
    await page.waitForSelector("#help[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#help:not([open])");
  }));

await check("Ctrl-K opens the palette with the cursor in it", () =>
  onBoard("/", async (page) => {
    await page.keyboard.down("Control");
    await page.keyboard.press("k");
    await page.keyboard.up("Control");
    await page.waitForSelector("#palette[open]");
    return unequal("the cursor's place", await page.evaluate(() => document.activeElement.closest("dialog")?.id), "palette");
  }));

await check("g and a letter goes to a page", () =>
  onBoard("/?q=o", async (page) => {
    await page.keyboard.press("g");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("w")]);
    return unequal("the address", page.url(), `${BASE_URL}/`);
  }));

await check("the theme is switched, and remembered", () =>
  onBoard("/", async (page) => {
    const theme = () => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).colorScheme]);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    await page.click(".menu summary");
    await page.click("[data-theme-switch]");
    const found = unequal("the theme", await theme(), ["dark", "dark"]);
    await page.reload();
    return found.concat(unequal("the theme after a reload", await theme(), ["dark", "dark"]));
  }));

await check("the pages work without script", () =>
  onBoard("/", async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.reload();
    await page.type("input[type=search]", "checkout");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    return unequal("the address", new URL(page.url()).searchParams.get("q"), "checkout");
  }));

await end(browser);
