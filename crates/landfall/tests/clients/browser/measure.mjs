// Measures the matrix of a filled server as a browser shows it: the first paint, the answer of the
// filter, jumps and flings. It prints a table; docs/benchmarks.md says how it is run. No test.

import { BASE_URL, deploy, end, launch, open, signInAsAdmin } from "./browser.mjs";

const ROUNDS = 10;
/** A hard fling of a wheel or a finger, and what no hand does. */
const FLINGS = [3_000, 8_000, 20_000];

const browser = await launch();
const session = await signInAsAdmin();
const tell = (what, ...values) => process.stdout.write(`| ${[what, ...values].join(" | ")} |\n`);
const ms = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return [sorted[sorted.length >> 1], sorted[0], sorted.at(-1)].map((value) => `${Math.round(value)} ms`);
};

async function onBoard() {
  const { page, close } = await open(browser, { session });
  await page.goto(`${BASE_URL}/`);
  await page.waitForSelector("#live.on");
  return { page, close };
}

async function firstPaint() {
  const paints = [];
  const loads = [];
  let size;
  for (let round = 0; round < ROUNDS; round++) {
    const { page, close } = await onBoard();
    const found = await page.evaluate(() => {
      const [page] = performance.getEntriesByType("navigation");
      const paint = performance.getEntriesByName("first-contentful-paint")[0];
      return { paint: paint.startTime, load: page.loadEventEnd, sent: page.encodedBodySize, whole: page.decodedBodySize };
    });
    paints.push(found.paint);
    loads.push(found.load);
    size = found;
    await close();
  }
  tell("first contentful paint", ...ms(paints));
  tell("page loaded", ...ms(loads));
  tell("bytes of the page: sent, unpacked", size.sent, size.whole);
}

/** From the key to the frame that shows the rows. */
async function filter() {
  const { page, close } = await onBoard();
  await page.focus("input[type=search]");
  await page.evaluate(() => {
    let typed = 0;
    window.answers = [];
    document.querySelector("input[type=search]").addEventListener("input", () => (typed = performance.now()), true);
    new MutationObserver(() => {
      const since = typed;
      typed = 0;
      if (since) requestAnimationFrame(() => setTimeout(() => window.answers.push(performance.now() - since)));
    }).observe(document.querySelector("#board tbody"), { childList: true });
  });
  let count = 0;
  for (let round = 0; round < ROUNDS; round++)
    for (const key of ["p", "p", "-", "1", "Backspace", "Backspace", "Backspace", "Backspace"]) {
      await page.keyboard.press(key);
      count += 1;
      await page.waitForFunction((count) => window.answers.length >= count, {}, count);
    }
  tell("filter: from the key to the frame with its rows", ...ms(await page.evaluate(() => window.answers)));
  await close();
}

/** Notes for each frame whether a part of the frame in sight has no rows, or rows without their cells. */
const watch = (page) => page.evaluate(() => {
  const sight = document.querySelector(".board-frame");
  const frames = (window.framesSeen = []);
  const isBlank = () => {
    const { top, bottom, left, right } = sight.getBoundingClientRect();
    const heads = document.querySelector("#board thead tr").cells;
    const [name, days] = [heads[0].offsetWidth, heads[heads.length - 1].offsetWidth];
    return [...document.querySelectorAll("#board tr.spacer, #board tr:nth-child(9) .aside")].some((part) => {
      const box = part.getBoundingClientRect();
      if (part.matches(".aside")) return box.right > left + name + 1 && box.left < right - days - 1;
      return box.bottom > top + 37 && box.top < bottom;
    });
  };
  const frame = (at) => {
    frames.push([at, isBlank()]);
    window.watching = requestAnimationFrame(frame);
  };
  window.watching = requestAnimationFrame(frame);
});

const watched = (page) => page.evaluate(() => {
  cancelAnimationFrame(window.watching);
  return window.framesSeen;
});

async function fling(speed, way) {
  const { page, close } = await onBoard();
  const target = await page.createCDPSession();
  await watch(page);
  await target.send("Input.synthesizeScrollGesture", { x: 700, y: 500, ...way, speed, gestureSourceType: "mouse" });
  const frames = await watched(page);
  const blank = frames.filter(([, isBlank]) => isBlank).length;
  const gaps = frames.slice(1).map(([at], index) => at - frames[index][0]);
  tell(`fling ${"yDistance" in way ? "down" : "aside"} at ${speed} px/s: frames, blank ones, longest frame`, `${frames.length}, ${blank}`, `${Math.round(Math.max(...gaps))} ms`);
  await close();
}

/** From dragging the scroll bar somewhere to rows there. */
async function jump() {
  const { page, close } = await onBoard();
  const times = await page.evaluate(async (rounds) => {
    const sight = document.querySelector(".board-frame");
    const isCovered = () => [...document.querySelectorAll("#board tr.spacer")].every((row) => {
      const [box, frame] = [row.getBoundingClientRect(), sight.getBoundingClientRect()];
      return box.bottom <= frame.top + 37 || box.top >= frame.bottom;
    });
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const times = [];
    for (let round = 0; round < rounds; round++) {
      sight.scrollTop = ((round * 7 + 3) % rounds) * (sight.scrollHeight / rounds);
      const since = performance.now();
      do await frame(); while (!isCovered());
      times.push(performance.now() - since);
    }
    return times;
  }, ROUNDS);
  tell("jump of the scroll bar: until rows are there", ...ms(times));
  await close();
}

/** From sending a report to its version in the page. */
async function news() {
  const { page, close } = await onBoard();
  const name = await page.$eval("#board tr[data-id] th a", (link) => link.textContent);
  const environment = await page.$eval("#board thead th:nth-child(2)", (head) => head.textContent);
  const times = [];
  for (let round = 0; round < ROUNDS; round++) {
    const version = `live-${Date.now()}`;
    const since = performance.now();
    await deploy("default", name, version, environment);
    await page.waitForFunction(
      (version) => [...document.querySelectorAll("#board .version")].some((it) => it.textContent === version),
      { polling: "mutation" },
      version,
    );
    times.push(performance.now() - since);
  }
  tell("news: from sending a report to its version in the page", ...ms(times));
  await close();
}

tell("in the browser", "median", "best", "worst");
tell("---", "---:", "---:", "---:");
await firstPaint();
await filter();
await jump();
for (const speed of FLINGS) await fling(speed, { yDistance: -45_000 });
await fling(FLINGS[0], { xDistance: -7_000 });
await news();
await end(browser);
