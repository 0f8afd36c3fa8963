// Looks at every page, light and dark, on a wide screen and a phone: it is there, says nothing on the
// console, asks no other host, does not scroll sideways, and axe finds nothing serious.

import { SIZES, THEMES, axe, check, end, launch, open, viewers } from "./browser.mjs";
import { pages } from "./pages.mjs";

const browser = await launch();
const sessions = await viewers();

for (const page of await pages())
  for (const theme of THEMES)
    for (const [size, viewport] of Object.entries(SIZES))
      await check(`${page.name}, ${theme}, ${size}`, () => look(page, theme, viewport));
await end(browser);

async function look({ path, wait, role, as = "admin" }, theme, size) {
  const { page, wrong, close } = await open(browser, { session: role !== "nobody" && sessions[as], theme, size });
  const answer = await page.goto(process.env.BASE_URL + path);
  if (answer.status() !== 200) wrong.push(`status ${answer.status()}`);
  await page.waitForSelector(wait);
  const shown = await page.evaluate(() => document.documentElement.dataset.theme);
  if (shown !== theme) wrong.push(`the theme is ${shown}`);
  const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
  if (width > size.width) wrong.push(`the page is ${width} px wide`);
  wrong.push(...(await accessible(page)));
  await close();
  return wrong;
}

async function accessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `axe ${id}: ${node.failureSummary} ${node.html}`));
}
