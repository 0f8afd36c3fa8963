// What pages do beyond links and forms: ages that go on, live news, keys, the palette, the window of
// the matrix. Without it every page still shows what it has.
"use strict";

const one = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/* Times: the age in the row, the exact instant on hover, in the viewer's own zone. */

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

function age(milliseconds) {
  const minutes = Math.floor(Math.max(0, milliseconds) / 60000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

function tellTimes(within = document) {
  for (const time of all("time[datetime]", within)) {
    if (time.hasAttribute("data-exact")) continue;
    const told = age(Date.now() - new Date(time.dateTime));
    if (time.textContent !== told) time.textContent = told;
  }
}

// Only when it is looked at: a matrix has thousands of them.
function tellExactly(event) {
  const near = event.target.closest?.("time[datetime], a, td, li");
  const times = near?.matches("time") ? [near] : all("time[datetime]", near ?? document.createElement("i"));
  for (const time of times) time.title ||= exact.format(new Date(time.dateTime));
}

/* Light and dark. */

function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = isDark ? "light" : "dark";
  document.cookie = `landfall_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
}

/* The matrix: only the rows in sight and some around them are in the page. What scrolls in is added
   on its side and what is far is dropped, by one request at a time, so that a long fling goes on. */

const board = one("#board");
const sight = one(".board-frame");
const ROW = 36;
// Rows beyond those in sight: fewer of many columns, since what takes time are cells.
const AHEAD = board ? Math.min(40, Math.max(16, Math.round(1000 / board.tHead.rows[0].cells.length))) : 0;
// Rows of a phone differ in height, so there they are only ever added below.
const isPhone = matchMedia("(max-width: 720px)");

const shown = { from: 0, until: 0 };
const wanted = { isAnew: false, isNews: false };
let underWay = null;

const lines = () => [...board.tBodies[0].rows].filter((row) => row.className !== "spacer");
const total = () => Number(board.dataset.lines);

function inSight() {
  const frame = sight.getBoundingClientRect();
  const body = board.tBodies[0].getBoundingClientRect();
  const [top, bottom] = [Math.max(frame.top, 0), Math.min(frame.bottom, innerHeight)];
  const height = isPhone.matches ? body.height / Math.max(1, total()) : ROW;
  const first = Math.max(0, Math.floor((top - body.top) / height));
  return { first, last: Math.max(first, Math.ceil((bottom - body.top) / height)) };
}

// The next lines to ask for: all anew, those that are shown once more, or some that scroll in.
function nextPart() {
  const { first, last } = inSight();
  if (wanted.isAnew) return { kind: "anew", from: 0, until: last - first + AHEAD };
  if (wanted.isNews) return { kind: "news", from: shown.from, until: Math.max(shown.until, 1) };
  const low = isPhone.matches ? 0 : Math.max(0, first - AHEAD);
  const high = Math.min(total(), last + AHEAD);
  if (low > shown.until || high < shown.from) {
    return { kind: "there", from: Math.max(0, first - 4), until: Math.min(total(), last + 4) };
  }
  if (last + AHEAD / 2 > shown.until && shown.until < high) return { kind: "below", from: shown.until, until: high };
  if (first - AHEAD / 2 < shown.from && low < shown.from) return { kind: "above", from: low, until: shown.from };
  return null;
}

async function look() {
  if (underWay) return;
  for (let part = nextPart(); part; part = nextPart()) {
    Object.assign(wanted, { isAnew: false, isNews: false });
    underWay = new AbortController();
    const isShown = await bring(part, underWay.signal).catch(() => false);
    underWay = null;
    // What failed is tried again with the next scroll or news; a new filter ended it on purpose.
    if (!isShown && !wanted.isAnew) return;
  }
}

async function bring(part, signal) {
  const query = new URLSearchParams(location.search);
  query.set("from", part.from);
  query.set("count", part.until - part.from);
  const headers = { "x-requested-with": "landfall" };
  const answer = await fetch(`/board/rows?${query}`, { headers, signal });
  if (answer.status === 401 || (answer.ok && answer.headers.get("x-columns") !== board.dataset.columns)) {
    location.reload();
    return false;
  }
  if (!answer.ok) return false;
  show(part.kind, await answer.text(), answer.headers);
  return true;
}

function show(kind, text, headers) {
  const parsed = document.createElement("template");
  parsed.innerHTML = `<table><tbody>${text}</tbody></table>`;
  const rows = [...parsed.content.querySelector("tbody").rows];
  board.dataset.lines = headers.get("x-lines");
  if (kind === "below") {
    shown.until += rows.length;
    lines().at(-1).after(...rows);
  } else if (kind === "above") {
    shown.from -= rows.length;
    lines()[0].before(...rows);
  } else {
    const from = Number(headers.get("x-from"));
    Object.assign(shown, { from, until: from + rows.length });
    replace(rows, kind === "news");
  }
  if (!isPhone.matches) dropFar();
  space();
}

function replace(rows, isNews) {
  const focused = place(document.activeElement);
  const before = new Map(isNews ? all("tr[data-id]", board).map((row) => [row.dataset.id, row]) : []);
  const kept = rows.map((row) => {
    const old = before.get(row.dataset.id);
    if (old && said(old) === said(row)) return old;
    glow(old, row);
    return row;
  });
  // A row that stays is not touched: it keeps its focus, and a glow goes on.
  const body = board.tBodies[0];
  const stays = new Set(kept);
  [...body.rows].forEach((row) => stays.has(row) || row.remove());
  kept.forEach((row, index) => body.rows[index] === row || body.insertBefore(row, body.rows[index] ?? null));
  if (focused && !place(document.activeElement)) focusPlace(focused);
}

function dropFar() {
  const { first, last } = inSight();
  const rows = lines();
  const above = Math.max(0, Math.min(rows.length, first - 2 * AHEAD - shown.from));
  const below = Math.max(0, Math.min(rows.length - above, shown.until - last - 2 * AHEAD));
  rows.slice(0, above).forEach((row) => row.remove());
  if (below) rows.slice(-below).forEach((row) => row.remove());
  shown.from += above;
  shown.until -= below;
}

// Empty rows above and below, as high as the lines that are not in the page.
function space() {
  const body = board.tBodies[0];
  const rows = lines();
  all("tr.spacer", body).forEach((row) => row.remove());
  const height = isPhone.matches ? body.offsetHeight / Math.max(1, rows.length) : ROW;
  if (shown.from > 0) body.prepend(spacer(shown.from * height));
  if (shown.until < total()) body.append(spacer((total() - shown.until) * height));
}

function spacer(height) {
  const row = document.createElement("tr");
  row.className = "spacer";
  row.setAttribute("aria-hidden", "true");
  const cell = row.insertCell();
  cell.colSpan = one("thead tr", board).cells.length;
  cell.style.height = `${height}px`;
  return row;
}

// What a row says, but for how long ago that was.
function said(row) {
  const html = row.innerHTML.replace(/(<time datetime="[^"]*")[^>]*>[^<]*/g, "$1");
  return html.replace(/ ?\bglow\b/g, "");
}

function glow(before, after) {
  if (!before) return;
  [...after.cells].forEach((cell, index) => {
    const old = before.cells[index];
    const words = (cell) => all(".version, .mark", cell).map((part) => part.textContent).join(" ");
    if (old && words(old) !== words(cell)) cell.classList.add("glow");
  });
}

function place(element) {
  const cell = element?.closest?.("#board td, #board th");
  const row = cell?.parentElement;
  return row?.dataset.id ? { id: row.dataset.id, column: cell.cellIndex } : null;
}

function focusPlace({ id, column }) {
  const row = all("tr[data-id]", board).find((row) => row.dataset.id === id);
  one("a", row?.cells[column] ?? document.createElement("td"))?.focus({ preventScroll: true });
}

/* The filter answers as one types; the URL holds it. */

function filter(event) {
  const form = event.currentTarget;
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (value === "") query.delete(name);
  const address = query.size ? `?${query}` : location.pathname;
  // A type of environment changes the columns too, which takes another page.
  if (event.target.name === "type") return location.assign(address);
  history.replaceState(null, "", address);
  wanted.isAnew = true;
  underWay?.abort();
  sight.scrollTop = 0;
  look();
  refreshNumbers();
}

/* Live: a report shows within a second, and the connection comes back by itself. */

let stream = null;

function follow() {
  const live = one("#live");
  if (!live) return;
  const say = (word, isOn) => {
    live.classList.toggle("on", isOn);
    live.firstElementChild.textContent = word;
  };
  stream = new EventSource(`/live?after=${document.body.dataset.sequence}`);
  let waiting = 0;
  let wasLost = false;
  stream.onopen = () => {
    say("live", true);
    if (wasLost) news();
    wasLost = false;
  };
  stream.onerror = () => {
    say("offline", false);
    wasLost = true;
    // After an answer that is no stream a browser gives up: a proxy's, or that of the signed-out.
    if (stream.readyState === EventSource.CLOSED) setTimeout(followAgain, 3000);
  };
  stream.addEventListener("news", (event) => {
    document.body.dataset.sequence = event.lastEventId;
    waiting ||= setTimeout(() => {
      waiting = 0;
      news();
    }, 60);
  });
}

// A browser keeps a page that was left, and its stream with it; after six there is no connection
// left for the page to come.
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", (event) => event.persisted && follow());

async function followAgain() {
  const headers = { "x-requested-with": "landfall" };
  const answer = await fetch("/board/numbers", { headers }).catch(() => null);
  if (answer?.status === 401) location.reload();
  else follow();
}

function news() {
  if (board) {
    wanted.isNews = true;
    look();
    refreshNumbers();
  } else if (one("#empty")) {
    location.reload();
  }
  document.body.dispatchEvent(new CustomEvent("news"));
}

async function refreshNumbers() {
  const asked = location.search;
  const headers = { "x-requested-with": "landfall" };
  const answer = await fetch(`/board/numbers${asked}`, { headers }).catch(() => null);
  const text = answer?.ok ? await answer.text() : null;
  if (text !== null && asked === location.search) one("#numbers").innerHTML = text;
}

/* The timeline: clocks and days in the viewer's own zone, and news on top while one is there. */

const timeline = one("#timeline");
const CLOCKS = {
  minutes: new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  full: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" }),
};
const WEEKDAY = new Intl.DateTimeFormat("en", { weekday: "long" });
const MONTH = new Intl.DateTimeFormat("en", { month: "long" });

function tellClocks(within = document) {
  for (const time of all("time[data-clock]", within)) {
    time.textContent = CLOCKS[time.dataset.clock].format(new Date(time.dateTime));
  }
}

function dayInWords(at) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(new Date()) - midnight(at)) / 86400000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return `${WEEKDAY.format(at)} ${at.getDate()} ${MONTH.format(at)} ${at.getFullYear()}`;
}

function tellDays() {
  all("tr.day", timeline).forEach((row) => row.remove());
  let before = null;
  for (const row of all("tr[data-id]", timeline)) {
    const day = dayInWords(new Date(one("time", row).dateTime));
    if (day !== before) row.before(dayRow(day));
    before = day;
  }
}

function dayRow(day) {
  const row = document.createElement("tr");
  row.className = "day";
  const head = document.createElement("th");
  head.scope = "rowgroup";
  head.colSpan = 7;
  head.textContent = day;
  row.append(head);
  return row;
}

function tellHistory() {
  tellTimes();
  tellClocks();
  if (timeline) tellDays();
}

async function timelineNews() {
  if (!timeline || !("live" in timeline.dataset)) return;
  if (scrollY > 40) {
    one("#timeline-news").hidden = false;
    return;
  }
  const answer = await fetch(`/timeline/rows${location.search}`, { headers: { "x-requested-with": "landfall" } });
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  const known = new Map(all("tr[data-id]", timeline).map((row) => [row.dataset.id, one(".status", row).className]));
  const body = timeline.tBodies[0];
  const focused = body.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  body.innerHTML = await answer.text();
  htmx.process(body);
  tellHistory();
  for (const row of all("tr[data-id]", timeline)) {
    if (known.get(row.dataset.id) !== one(".status", row).className) row.classList.add("glow");
  }
  if (focused) all("a", body).find((link) => link.getAttribute("href") === focused)?.focus({ preventScroll: true });
}

if (timeline) {
  document.body.addEventListener("news", timelineNews);
  one("#timeline-news").addEventListener("click", () => scrollTo({ top: 0 }));
  addEventListener("scroll", () => {
    const button = one("#timeline-news");
    if (scrollY > 40 || button.hidden) return;
    button.hidden = true;
    timelineNews();
  }, { passive: true });
}
document.addEventListener("htmx:load", tellHistory);
tellHistory();

/* The palette: anything by its name. */

const palette = one("#palette");

// Enter waits for what was typed last, and answers that come late are dropped.
let lookingUp = Promise.resolve();

function lookUp(text) {
  lookingUp = find(text).catch(() => {});
}

async function find(text) {
  const answer = await fetch(`/palette?q=${encodeURIComponent(text)}`, { headers: { "x-requested-with": "landfall" } });
  const found = answer.ok ? await answer.text() : null;
  if (found === null || text !== one("input", palette).value) return;
  one("ul", palette).innerHTML = found;
  choose(0);
}

function choose(step) {
  const links = all("li a", palette);
  const now = links.findIndex((link) => link.getAttribute("aria-selected") === "true");
  const next = links[Math.min(links.length - 1, Math.max(0, now + step))];
  links.forEach((link) => link.setAttribute("aria-selected", String(link === next)));
  next?.scrollIntoView({ block: "nearest" });
}

function openPalette() {
  palette.showModal();
  const input = one("input", palette);
  input.value = "";
  input.focus();
  lookUp("");
}

function paletteKey(event) {
  if (event.key === "ArrowDown") choose(1);
  else if (event.key === "ArrowUp") choose(-1);
  else if (event.key === "Enter") lookingUp.then(() => one('a[aria-selected="true"]', palette)?.click());
  else return;
  event.preventDefault();
}

/* Keys. */

const GO = { w: "/", t: "/timeline", h: "/webhooks", e: "/events" };
const STEP = { j: [1, 0], k: [-1, 0], h: [0, -1], l: [0, 1] };
const ARROW = { ArrowDown: "j", ArrowUp: "k", ArrowLeft: "h", ArrowRight: "l" };
let wasG = false;

function move([down, right]) {
  const rows = all("tr[data-id]", board);
  const at = place(document.activeElement);
  if (!at) return one("a", rows[0])?.focus();
  const row = rows.findIndex((row) => row.dataset.id === at.id);
  for (let y = row + down, x = at.column + right; rows[y]?.cells[x]; y += down, x += right) {
    const link = one("a", rows[y].cells[x]);
    if (link) return link.focus();
  }
}

function key(event) {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (wasG && GO[event.key]) return location.assign(GO[event.key]);
  wasG = event.key === "g";
  const step = board && (STEP[event.key] ?? (place(document.activeElement) && STEP[ARROW[event.key]]));
  if (step) {
    event.preventDefault();
    return move(step);
  }
  if (event.key === "/") {
    event.preventDefault();
    one("input[type=search]")?.focus();
  } else if (event.key === "?") one("#help").showModal();
  else if (event.key === "c") location.assign("/compare");
}

/* Buttons that copy, open and switch. */

function click(event) {
  const button = event.target.closest("[data-open], [data-copy], [data-theme-switch]");
  if (!button) return;
  if (button.dataset.open === "palette") openPalette();
  else if (button.dataset.copy) navigator.clipboard?.writeText(one(button.dataset.copy).textContent);
  else switchTheme();
}

/* A field with several names, parted by commas: the names to choose from go on after the last comma. */

function offerNames(input) {
  if (!input.matches?.("[data-names]")) return;
  const before = input.value.slice(0, input.value.lastIndexOf(",") + 1);
  for (const option of input.list.options) {
    option.dataset.name ??= option.value;
    option.value = before ? `${before} ${option.dataset.name}` : option.dataset.name;
  }
}

document.addEventListener("input", (event) => offerNames(event.target));

/* The log: what happens comes in on top, and what is unfolded stays so. */

const log = one("#log[data-live]");
const LOG_LINES = 200;

async function logNews() {
  const answer = await fetch(`${log.dataset.live}&after=${log.dataset.seen}`, { headers: { "x-requested-with": "landfall" } });
  if (!answer.ok) return;
  const text = await answer.text();
  // Another answer may have been faster.
  const seen = Number(answer.headers.get("x-seen"));
  if (seen <= Number(log.dataset.seen)) return;
  log.dataset.seen = seen;
  const before = log.firstElementChild;
  log.insertAdjacentHTML("afterbegin", text);
  for (let line = log.firstElementChild; line && line !== before; line = line.nextElementSibling) {
    line.classList.add("glow");
    tellTimes(line);
    htmx.process(line);
  }
  while (log.children.length > LOG_LINES) log.lastElementChild.remove();
}

if (log) document.body.addEventListener("news", logNews);
for (const field of all("[data-submit]")) field.addEventListener("change", () => field.form.submit());

tellTimes();
setInterval(tellTimes, 30000);
document.addEventListener("mouseover", tellExactly);
document.addEventListener("focusin", tellExactly);
document.addEventListener("keydown", key);
document.addEventListener("click", click);
document.addEventListener("htmx:afterSwap", (event) => tellTimes(event.target));
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["x-csrf"] = document.body.dataset.csrf;
});
if (palette) {
  one("input", palette).addEventListener("input", (event) => lookUp(event.target.value));
  palette.addEventListener("keydown", paletteKey);
}
if (board) {
  Object.assign(shown, { from: Number(board.dataset.from), until: lines().length });
  space();
  for (const scroller of [sight, window]) {
    scroller.addEventListener("scroll", look, { passive: true });
  }
  addEventListener("resize", look);
  const form = one("#filter");
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  look();
}
follow();
