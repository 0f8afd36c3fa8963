// The palette, finding a commit, comparing, filtering, the log, putting a deployment right, and what
// was refused.

import { BASE_URL, NEVER, api, deploy, signInAsAdmin, unequal } from "./browser.mjs";
import { act, sit } from "./hands.mjs";

export async function actOnHistory(browser) {
  const person = await sit(browser, { session: await signInAsAdmin() });
  await finding(person);
  await comparing(person);
  await following(person);
  await puttingRight(person);
  await copying(browser, person);
  await person.close();
}

const pathOf = (page) => new URL(page.url()).pathname;

async function finding(person) {
  await act("Ctrl-K, a name and Enter lead to the application", person, async ({ page, go, read }) => {
    await go("/timeline");
    await page.keyboard.down("Control");
    await page.keyboard.press("k");
    await page.keyboard.up("Control");
    await page.waitForSelector("#palette[open]");
    await page.keyboard.type("order-serv");
    // At once: Enter waits for what was typed.
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    return [...unequal("the page", pathOf(page).split("/")[1], "applications"), ...unequal("its heading", await read("h1"), "order-service")];
  });

  await act("arrows choose another line of the palette", person, async ({ page, go }) => {
    await go("/");
    await page.click("[data-open=palette]");
    await page.waitForSelector("#palette[open]");
    await page.keyboard.type("production");
    const chosen = () => page.$eval('#palette a[aria-selected="true"] .name', (name) => name.textContent);
    await page.waitForFunction(() => document.querySelector('#palette a[aria-selected="true"] .name')?.textContent === "production", NEVER);
    await page.keyboard.press("ArrowDown");
    const wrong = unequal("the next line", await chosen(), "production-us");
    await page.keyboard.press("ArrowUp");
    wrong.push(...unequal("the line before", await chosen(), "production"));
    await page.keyboard.press("ArrowDown");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    return [...wrong, ...unequal("the page", pathOf(page).split("/")[1], "environments")];
  });

  await act("a commit that is typed tells where it is live", person, async ({ page, go, follow, press, fill, read }) => {
    const [{ version }] = (await api("/api/v1/deployments?limit=1&environment=production&status=completed")).items;
    const sha = (await api(`/api/v1/versions/${version.id}`)).commit_sha;
    await go("/");
    await press("Harbor & Co ▾");
    await follow("Is it live?");
    await fill("main input[name=q]", sha.slice(0, 9));
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    const answer = await read(".answer");
    const wrong = unequal("that the version is named", answer.includes(version.name), true);
    wrong.push(...unequal("that production is", /Live in [^.]*production/.test(answer), true));
    await fill("main input[name=q]", "ffffffffff");
    await follow("Find");
    return [...wrong, ...unequal("that nothing is found for another", (await read("main")).includes("No version is called ffffffffff"), true)];
  });
}

async function comparing(person) {
  await act("two environments are chosen, compared and swapped", person, async ({ page, go, follow, readAll }) => {
    await go("/compare");
    await page.select("select[name=from]", "development");
    await page.select("select[name=to]", "production-us");
    await follow("Compare", "main");
    const wrong = unequal("the columns", (await readAll(".compare thead th")).slice(0, 4), ["Application", "development", "Difference", "production-us"]);
    await follow("Swap");
    wrong.push(...unequal("the columns after", (await readAll(".compare thead th")).slice(0, 4), ["Application", "production-us", "Difference", "development"]));
    return [...wrong, ...unequal("that they differ", (await readAll(".compare .relation")).length > 0, true)];
  });
}

async function following(person) {
  await act("the timeline is filtered as one types and chooses", person, async ({ page, go }) => {
    await go("/timeline");
    await page.type("#timeline-filter input[name=q]", "checkout");
    const names = (name) => page.waitForFunction(
      (name) => {
        const found = [...document.querySelectorAll("#timeline .what")].map((it) => it.textContent);
        return found.length > 0 && found.every((it) => it === name);
      },
      NEVER,
      name,
    );
    await names("checkout");
    await page.select("#timeline-filter select[name=status]", "failed");
    await page.waitForFunction(() => [...document.querySelectorAll("#timeline .how")].every((it) => it.textContent.includes("failed")), NEVER);
    await page.waitForFunction(() => location.search.includes("status=failed"), NEVER);
    await page.reload();
    await names("checkout");
    return unequal("the kept filter", await page.$eval("input[name=q]", (field) => field.value), "checkout");
  });

  await act("an event unfolds, and the log shows one type", person, async ({ page, go, says }) => {
    await go("/events");
    await page.click("#log li:first-child summary");
    await says("#log li:first-child .unfolded pre", '"deployment"');
    await Promise.all([page.waitForNavigation(), page.select("select[name=type]", "build.failed")]);
    const kinds = await page.$$eval("#log .status code", (all) => all.map((it) => it.textContent));
    return unequal("the types", [...new Set(kinds)], ["build.failed"]);
  });
}

async function puttingRight(person) {
  await act("a deployment is voided, but only under its name and with a reason", person, async ({ page, go, press, fill, follow, told, read }) => {
    await deploy("default", "to-be-voided", "1.0.0", "staging");
    const made = await deploy("default", "to-be-voided", "1.0.1", "staging");
    await go(`/deployments/${made.deployment.id}`);
    await press("Put this right");
    await fill("form[action$='/void'] input[name=reason]", "never happened");
    await fill("form[action$='/void'] input[name=confirm]", "1.0.0");
    await follow("Void this deployment");
    const wrong = unequal("what is said", await told(), "Nothing was done: the name that was typed is another one.");
    await press("Put this right");
    await fill("form[action$='/void'] input[name=reason]", "never happened");
    await fill("form[action$='/void'] input[name=confirm]", "1.0.1");
    await follow("Void this deployment");
    wrong.push(...unequal("what is said then", await told(), "Voided. What ran there before counts as current again."));
    wrong.push(...unequal("the reason is shown", (await read(".lifecycle")).includes("never happened"), true));
    await go("/?q=to-be-voided");
    await page.waitForSelector("#board tr[data-id]");
    return [...wrong, ...unequal("what runs", await read("#board td .version"), "1.0.0")];
  });

  await act("an application is retired from an environment", person, async ({ page, go, press, fill, follow, told, read }) => {
    await deploy("default", "to-be-retired", "1.0.0", "testing");
    const made = await deploy("default", "to-be-retired", "1.0.0", "staging");
    await go(`/deployments/${made.deployment.id}`);
    await press("Put this right");
    await fill("form[action$='/retire'] input[name=confirm]", "to-be-retired");
    await follow("Retire");
    const wrong = unequal("what is said", await told(), "Retired. The next report brings it back.");
    await go("/?q=to-be-retired");
    await page.waitForSelector("#board tr[data-id]");
    const where = await page.$$eval("#board td[data-environment]", (cells) => cells.map((cell) => cell.dataset.environment));
    return [...wrong, ...unequal("where it runs", where, ["testing"]), ...unequal("that", await read("#board .version"), "1.0.0")];
  });
}

async function copying(browser, person) {
  await act("the line that would have worked is copied, and works", person, async ({ page, go, press }) => {
    await page.browserContext().overridePermissions(BASE_URL, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
    await go("/refused");
    await page.bringToFront();
    await press("Copy", "article:nth-of-type(1)");
    const shown = await page.$eval("article:nth-of-type(1) pre", (pre) => pre.textContent);
    const copied = await page.waitForFunction(async () => (await navigator.clipboard.readText()) || null, NEVER);
    const line = await copied.jsonValue();
    const wrong = unequal("what was copied", line, shown);
    const path = /-X POST (\S+)/.exec(line)[1].replace(BASE_URL, "");
    await api(path, JSON.parse(/-d '([^']*)'/.exec(line)[1]));
    return wrong;
  });
}
