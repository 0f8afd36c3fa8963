// Goes through every page, light and dark, on a wide screen and a phone, as who may see it.

import { BASE_URL, SIZES, THEMES, check, found, open, signIn, viewers } from "./browser.mjs";
import { pages } from "./pages.mjs";

/**
 * Goes to every page in a browser and checks it, with a name for each look: `nameOf(page, theme, kind)`.
 * `look` gets the browser's page, the entry of the list, the theme, the size of the screen and the
 * answer, and returns what is wrong beside what the page itself complains about.
 */
export async function visitAll(browser, nameOf, look) {
  const all = await pages();
  const people = { ...(await viewers()), nobody: null, empty: await signIn({ key: await found("nothing-yet") }) };
  for (const kind of Object.keys(SIZES))
    await Promise.all(THEMES.map((theme) => visit(browser, { all, people, theme, kind }, nameOf, look)));
}

async function visit(browser, { all, people, theme, kind }, nameOf, look) {
  const size = SIZES[kind];
  const opened = {};
  for (const entry of all) {
    const who = entry.isEmpty ? "empty" : entry.role === "nobody" ? "nobody" : (entry.as ?? "admin");
    // One page for all that somebody sees, so that fonts and styles are fetched once.
    opened[who] ??= await open(browser, { session: people[who], theme, size });
    const { page, wrong } = opened[who];
    await check(nameOf(entry, theme, kind), async () => {
      wrong.length = 0;
      const answer = await page.goto(BASE_URL + entry.path);
      await page.waitForSelector(entry.wait);
      return [...(await look(page, entry, theme, size, answer)), ...wrong];
    });
  }
  for (const { close } of Object.values(opened)) await close();
}
