// A matrix with more rows and columns than a page holds: what scrolls in is there, heads stay over their
// columns, keys reach everything.

import { BASE_URL, NEVER, SIZES, api, check, end, launch, open, signInAsAdmin, unequal } from "./browser.mjs";

const ROWS = 150;
const COLUMNS = 24;
const name = (row) => `app-${String(row).padStart(3, "0")}`;
const code = (column) => `prod-${String(column).padStart(2, "0")}`;
/** What runs in a cell says which cell it is. */
const version = (row, column) => `${row}.${column}`;

// The first rows run everywhere, the others at both ends only.
const everywhere = [...Array(COLUMNS).keys()];
const reports = [...Array(ROWS).keys()].flatMap((row) =>
  (row < 40 ? everywhere : [0, COLUMNS - 1]).map((column) => ({
    project: "wide",
    application: name(row),
    version: version(row, column),
    environment: code(column),
    status: "completed",
  })),
);
while (reports.length) {
  await Promise.all(reports.splice(0, 50).map((report) => api("/api/v1/deployments", report)));
}

const browser = await launch();
const session = await signInAsAdmin();

async function onBoard(run, size = SIZES.wide) {
  const { page, wrong, close } = await open(browser, { session, size });
  await page.goto(`${BASE_URL}/?project=wide`);
  await page.waitForSelector("#live.on");
  const found = (await run(page)) ?? [];
  await close();
  return [...found, ...wrong.filter((line) => line.startsWith("page error"))];
}

const shows = (page, row, column) => page.waitForFunction(
  (wanted) => [...document.querySelectorAll("#board .version")].some((it) => it.textContent === wanted),
  NEVER,
  version(row, column),
);
const scroll = (page, left, top) => page.evaluate((left, top) => {
  const sight = document.querySelector(".board-frame");
  sight.scrollTo(left * sight.scrollWidth, top * sight.scrollHeight);
}, left, top);
/** Cells that stand under another head than that of their environment, or in another row. */
const misplaced = (page) => page.evaluate(() => {
  const heads = new Map([...document.querySelectorAll("#board thead th")].map((head) => [head.textContent, head.getBoundingClientRect()]));
  const cells = [...document.querySelectorAll("#board td[data-environment]")];
  const isAstray = (cell) => {
    const head = heads.get(cell.dataset.environment);
    const [row] = cell.querySelector(".version").textContent.split(".");
    const isInRow = Number(row) === Number(cell.parentElement.cells[0].textContent.replace("app-", ""));
    return Math.abs(head.left - cell.getBoundingClientRect().left) > 1 || !isInRow;
  };
  return cells.filter(isAstray).length;
});

await check("a page holds few of the cells at first", () =>
  onBoard(async (page) => {
    const html = await (await fetch(`${BASE_URL}/?project=wide`, { headers: { cookie: `landfall_session=${session}` } })).text();
    const cells = html.split('class="cell ').length - 1;
    const heads = await page.$$eval("#board thead th", (heads) => heads.length);
    return [...unequal("that there is a head for each", heads > COLUMNS + 2, true), ...(cells > 300 ? [`${cells} cells`] : [])];
  }));

await check("what is at the right end scrolls in, and stands under its head", () =>
  onBoard(async (page) => {
    await scroll(page, 1, 0);
    await shows(page, 0, COLUMNS - 1);
    const found = unequal("cells astray", await misplaced(page), 0);
    await scroll(page, 0, 0);
    await shows(page, 0, 0);
    return found.concat(unequal("cells astray on the left", await misplaced(page), 0));
  }));

await check("what is at the bottom on the right scrolls in, and few cells are kept", () =>
  onBoard(async (page) => {
    await scroll(page, 1, 1);
    await shows(page, ROWS - 1, COLUMNS - 1);
    const found = unequal("cells astray", await misplaced(page), 0);
    const cells = await page.$$eval("#board td", (cells) => cells.length);
    if (cells > 2500) found.push(`${cells} cells are in the page`);
    const last = await page.$eval("#board tbody tr[data-id]:last-of-type", (row) => row.getAttribute("aria-rowindex"));
    const count = await page.$eval("#board", (board) => board.getAttribute("aria-rowcount"));
    return found.concat(unequal("the last row's number", last, count));
  }));

await check("the name and the days stay in sight", () =>
  onBoard(async (page) => {
    await scroll(page, 0.5, 0.5);
    await page.waitForFunction(() => {
      const row = [...document.querySelectorAll("#board tr[data-id]")].find((row) => row.getBoundingClientRect().top > 400);
      return row?.querySelector("td[data-environment], td:not([class])");
    }, NEVER);
    const [left, right] = await page.evaluate(() => {
      const row = [...document.querySelectorAll("#board tr[data-id]")].find((row) => row.getBoundingClientRect().top > 400);
      const frame = document.querySelector(".board-frame");
      return [row.cells[0].getBoundingClientRect().left, frame.getBoundingClientRect().left + frame.clientWidth - [...row.cells].at(-1).getBoundingClientRect().right];
    });
    return [...unequal("the name's left", left, 0), ...unequal("what is right of the days", Math.round(right), 0)];
  }));

await check("l goes on to the last column, and h back to the name", () =>
  onBoard(async (page) => {
    const at = () => page.evaluate(() => document.activeElement.closest("#board td, #board th")?.dataset.environment ?? "name");
    const until = async (key, wanted) => {
      // A column that is not there yet takes another press, as it does for a person.
      for (let press = 0; press < 20 * COLUMNS && (await at()) !== wanted; press++) {
        await page.keyboard.press(key);
      }
      return unequal(`where ${key} leads`, await at(), wanted);
    };
    await page.keyboard.press("j");
    return [...(await until("l", code(COLUMNS - 1))), ...(await until("h", "name"))];
  }));

await check("the filter reaches rows that are not in the page, wherever one had scrolled", () =>
  onBoard(async (page) => {
    await scroll(page, 1, 0.4);
    await page.type("input[type=search]", "app-149");
    await shows(page, 149, COLUMNS - 1);
    return unequal("rows", (await page.$$("#board tr[data-id]")).length, 1);
  }));

await check("news leave the part that one looks at where it is", () =>
  onBoard(async (page) => {
    await scroll(page, 1, 0);
    await shows(page, 3, COLUMNS - 1);
    await api("/api/v1/deployments", { project: "wide", application: name(3), version: "3.99", environment: code(COLUMNS - 1), status: "completed" });
    await page.waitForFunction(() => [...document.querySelectorAll("#board td.glow .version")].some((it) => it.textContent === "3.99"), NEVER);
    return unequal("cells astray", await misplaced(page), 0);
  }));

await check("a phone gets all environments of an application", () =>
  onBoard(async (page) => {
    await page.waitForFunction((count) => document.querySelectorAll("#board tr[data-id]:nth-of-type(2) .cell").length === count, NEVER, COLUMNS);
    const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
    return unequal("the page's width", width, SIZES.phone.width);
  }, SIZES.phone));

await check("without script there are links to the rest", () =>
  onBoard(async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.reload();
    const follow = async (words) => {
      const link = await page.waitForSelector(`noscript a ::-p-text(${words}), nav.turn a ::-p-text(${words})`);
      await Promise.all([page.waitForNavigation(), link.click()]);
    };
    await follow("Environments after");
    await follow("Later rows");
    const at = new URL(page.url()).searchParams;
    return [...unequal("the column", at.get("column"), "10"), ...unequal("the project", at.get("project"), "wide")];
  }));

await end(browser);
