// Takes a picture of every page, light and dark, on a wide screen and a phone, into the folder that
// the first argument names.

import { mkdirSync } from "node:fs";

import { end, launch } from "./browser.mjs";
import { visitAll } from "./visit.mjs";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const browser = await launch(["--force-prefers-reduced-motion"]);
const nameOf = ({ name }, theme, kind) => `${name}-${kind}-${theme}.png`;
await visitAll(browser, nameOf, async (page, { name }, theme, { isMobile }) => {
  if (await page.$("#live")) await page.waitForSelector("#live.on");
  await page.evaluate(() => document.fonts.ready.then(() => true));
  await page.screenshot({ path: `${folder}/${nameOf({ name }, theme, isMobile ? "phone" : "wide")}` });
  return [];
});
await end(browser);
