// Many pages of one browser: all load, all hear of a report, with one stream between them; and when some
// are closed the others go on hearing.

import { BASE_URL, NEVER, check, deploy, end, launch, open, signInAsAdmin, unequal } from "./browser.mjs";

/** A browser has six connections to a server that speaks HTTP/1. */
const TABS = 8;

const browser = await launch();
const session = await signInAsAdmin();
const { page: first, wrong } = await open(browser, { session });
const context = first.browserContext();
const tabs = [first];
while (tabs.length < TABS) tabs.push(await context.newPage());

const shows = (version) => (page) => page.waitForFunction(
  (version) => [...document.querySelectorAll("#board .version")].some((it) => it.textContent === version),
  { ...NEVER, polling: "mutation" },
  version,
);

await check("eight tabs load, and each is live", async () => {
  for (const page of tabs) {
    await page.goto(`${BASE_URL}/`, NEVER);
    await page.waitForSelector("#live.on", NEVER);
    await page.evaluate(() => Object.assign(window, { isSamePage: true }));
  }
});

await check("each of them shows a report", async () => {
  await deploy("storefront", "search", "97.0.0", "production");
  await Promise.all(tabs.map(shows("97.0.0")));
  const same = await Promise.all(tabs.map((page) => page.evaluate(() => window.isSamePage)));
  return unequal("that none was loaded again", same.every(Boolean), true);
});

await check("those that are left go on when others are closed", async () => {
  await Promise.all(tabs.splice(0, 5).map((page) => page.close()));
  await deploy("storefront", "search", "97.1.0", "production");
  await Promise.all(tabs.map(shows("97.1.0")));
  return wrong.filter((line) => line.startsWith("page error"));
});

await check("a page that comes back hears again", async () => {
  const [page] = tabs;
  await page.goto(`${BASE_URL}/timeline`, NEVER);
  await page.goBack(NEVER);
  await page.waitForSelector("#live.on", NEVER);
  await deploy("storefront", "search", "97.2.0", "production");
  await Promise.all(tabs.map(shows("97.2.0")));
});

await check("a page without shared workers has a stream of its own", async () => {
  const [page] = tabs;
  await page.evaluateOnNewDocument(() => delete window.SharedWorker);
  await page.goto(`${BASE_URL}/`, NEVER);
  await page.waitForSelector("#live.on", NEVER);
  await deploy("storefront", "search", "97.3.0", "production");
  await Promise.all(tabs.map(shows("97.3.0")));
});

await end(browser);
