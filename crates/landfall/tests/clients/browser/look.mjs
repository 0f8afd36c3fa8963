// Looks at every page, light and dark, on a wide screen and a phone: it is there, says nothing on the
// console, asks no other host, does not scroll sideways, shows all of the bar, and axe finds nothing
// serious.

import { axe, end, launch, unequal } from "./browser.mjs";
import { visitAll } from "./visit.mjs";

const browser = await launch();
await visitAll(browser, ({ name }, theme, kind) => `${name}, ${theme}, ${kind}`, look);
await end(browser);

async function look(page, entry, theme, size, answer) {
  const found = unequal("the status", answer.status(), 200);
  found.push(...unequal("the theme", await page.evaluate(() => document.documentElement.dataset.theme), theme));
  const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
  if (width > size.width) found.push(`the page is ${width} px wide`);
  return [...found, ...(await outOfSight(page)), ...(await inaccessible(page))];
}

/** The pages in the bar that a finger can't reach as they are. */
function outOfSight(page) {
  return page.$$eval(".top nav a", (links) => {
    const isInSight = (link) => {
      const { left, right, top, bottom } = link.getBoundingClientRect();
      const isWhole = left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight;
      return isWhole && link.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    };
    return links.filter((link) => !isInSight(link)).map((link) => `${link.textContent} is out of sight`);
  });
}

async function inaccessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => `axe ${id}: ${node.failureSummary} ${node.html}`));
}
