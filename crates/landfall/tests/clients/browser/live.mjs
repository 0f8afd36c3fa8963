// News shows without a reload: a report, the report after a restart of the server, and the first one
// of a server that had none.

import { BASE_URL, NEVER, ask, check, deploy, end, launch, open, signInAsAdmin, unequal } from "./browser.mjs";

const browser = await launch();
const session = await signInAsAdmin();
const { page, wrong, close } = await open(browser, { session });
await page.goto(`${BASE_URL}/`);
// A reload would lose this.
await page.evaluate(() => Object.assign(window, { isSamePage: true }));

const isLive = () => page.waitForSelector("#live.on");
const cell = (version) => page.waitForFunction(
  (version) => [...document.querySelectorAll("#board td")].find((cell) => cell.querySelector(".version")?.textContent === version),
  NEVER,
  version,
);

await check("a report shows and its cell glows", async () => {
  await isLive();
  await deploy("storefront", "search", "99.0.0", "production");
  const found = await cell("99.0.0");
  const glows = await found.evaluate((cell) => cell.classList.contains("glow") && cell.getAnimations({ subtree: true }).length > 0);
  const others = await page.$$eval("#board .glow", (cells) => cells.length);
  return [...unequal("that it glows", glows, true), ...unequal("cells that glow", others, 1)];
});

await check("what another row reports leaves a row as it is", async () => {
  const row = await page.evaluateHandle(() => document.querySelector('#board a[title="identity"]').closest("tr"));
  await page.focus('#board a[title="identity"]');
  await deploy("storefront", "search", "99.0.1", "production");
  await cell("99.0.1");
  const [isKept, isFocused] = await row.evaluate((row) => [row.isConnected, row.contains(document.activeElement)]);
  return [...unequal("that the row is the same", isKept, true), ...unequal("that it has the focus", isFocused, true)];
});

await check("a new application shows as a row, and the numbers follow", async () => {
  const before = await page.$eval("#numbers a b", (number) => Number(number.textContent));
  await deploy("default", "a-newcomer", "1.0.0", "production");
  await page.waitForSelector('#board a[title="a-newcomer"]');
  await page.waitForFunction((more) => Number(document.querySelector("#numbers a b").textContent) === more, NEVER, before + 1);
});

await check("after a restart the page connects again by itself", async () => {
  wrong.push(...(await page.evaluate(() => (window.isSamePage ? [] : ["it was loaded again"]))));
  await ask("restart");
  await deploy("storefront", "search", "99.1.0", "production");
  await cell("99.1.0");
  await isLive();
  await deploy("storefront", "search", "99.2.0", "production");
  await cell("99.2.0");
  return unequal("that it is the same page", await page.evaluate(() => window.isSamePage), true);
});

await check("a new environment brings its column", async () => {
  await deploy("storefront", "search", "99.2.0", "canary");
  await page.waitForFunction(() => [...document.querySelectorAll("#board thead th")].some((head) => head.textContent === "canary"), NEVER);
});

await close();
await end(browser);
