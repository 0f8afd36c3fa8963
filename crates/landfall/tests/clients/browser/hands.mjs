// What a person does with a page: goes there, reads, types, presses.

import { BASE_URL, NEVER, check, open } from "./browser.mjs";

/** A person at an empty browser. */
export async function sit(browser, options) {
  const { page, wrong, close } = await open(browser, options);
  return { page, wrong, close, ...handsOn(page) };
}

/** A check of what somebody does; what the page itself complains about is wrong as well. */
export function act(name, person, run) {
  return check(name, async () => {
    person.wrong.length = 0;
    const found = (await run(person)) ?? [];
    // A browser notes every answer that refuses something, which is what some checks are about.
    return [...found, ...person.wrong.filter((line) => !/status of 4\d\d/.test(line))];
  });
}

function handsOn(page) {
  const go = (path) => page.goto(BASE_URL + path);

  /** What can be pressed and is called so, once it is in sight. */
  async function find(name, within = "body") {
    const found = await page.waitForFunction(
      (name, within) => {
        const nameOf = (it) => (it.getAttribute("aria-label") ?? it.textContent).trim().replace(/\s+/g, " ");
        const all = [...document.querySelectorAll(`:is(${within}) :is(a, button, summary)`)];
        return all.find((it) => nameOf(it) === name && it.checkVisibility());
      },
      NEVER,
      name,
      within,
    );
    return found.asElement();
  }

  const press = async (name, within) => (await find(name, within)).click();

  /** Presses what leads to another page. */
  async function follow(name, within) {
    const found = await find(name, within);
    await Promise.all([page.waitForNavigation(), found.click()]);
  }

  /** Types over what is in a field. */
  async function fill(selector, text) {
    const field = await page.waitForSelector(selector);
    await field.evaluate((field) => (field.focus(), field.select()));
    if (text === "") await page.keyboard.press("Backspace");
    else await page.keyboard.type(text);
  }

  const read = (selector) => page.$eval(selector, (it) => it.textContent.trim().replace(/\s+/g, " "));
  const readAll = (selector) => page.$$eval(selector, (all) => all.map((it) => it.textContent.trim().replace(/\s+/g, " ")));
  const told = () => read(":is(.note, .wrong):is([role=status], [role=alert])");
  const says = (selector, part) => page.waitForFunction(
    (selector, part) => document.querySelector(selector)?.textContent.includes(part),
    NEVER,
    selector,
    part,
  );

  /** Opens a page again and again until it shows something. */
  async function goUntil(path, selector) {
    do await go(path); while (!(await page.$(selector)));
  }

  return { go, find, press, follow, fill, read, readAll, told, says, goUntil };
}
