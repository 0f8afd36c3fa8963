// Takes a picture of every page, light and dark, on a wide screen and a phone, into the folder that
// the first argument names.

import { mkdirSync } from "node:fs";

import { BASE_URL, SIZES, THEMES, check, end, launch, open, viewers } from "./browser.mjs";
import { pages } from "./pages.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const browser = await launch(["--force-prefers-reduced-motion"]);
const sessions = await viewers();

for (const { name, path, wait, role, as = "admin" } of await pages())
  for (const theme of THEMES)
    for (const [kind, size] of Object.entries(SIZES))
      await check(`${name}-${kind}-${theme}.png`, async () => {
        const { page, wrong, close } = await open(browser, { session: role !== "nobody" && sessions[as], theme, size });
        await page.goto(BASE_URL + path);
        await page.waitForSelector(wait);
        if (await page.$("#live")) await page.waitForSelector("#live.on");
        await page.evaluate(() => document.fonts.ready.then(() => true));
        await page.screenshot({ path: `${folder}/${name}-${kind}-${theme}.png` });
        await close();
        return wrong;
      });
await end(browser);
