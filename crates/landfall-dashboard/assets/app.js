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
    const at = new Date(time.dateTime);
    time.title = exact.format(at);
    if (!time.hasAttribute("data-exact")) time.textContent = age(Date.now() - at);
  }
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

/* The matrix: only the rows in sight and some around them are in the page. */

const board = one("#board");
const sight = one(".board-frame");
const ROW = 36;
const AHEAD = 40;

const shown = { from: 0, until: 0, asked: null };

function spacer(lines) {
  const row = document.createElement("tr");
  row.className = "spacer";
  row.setAttribute("aria-hidden", "true");
  const cell = row.insertCell();
  cell.colSpan = one("thead tr", board).cells.length;
  cell.style.height = `${lines * ROW}px`;
  return row;
}

function frame(from, count) {
  const body = board.tBodies[0];
  const total = Number(board.dataset.lines);
  all("tr.spacer", body).forEach((row) => row.remove());
  if (from > 0) body.prepend(spacer(from));
  if (from + count < total) body.append(spacer(total - from - count));
  Object.assign(shown, { from, until: from + count });
}

function inSight() {
  const frame = sight.getBoundingClientRect();
  const top = Math.max(frame.top, 0) + ROW;
  const hidden = top - board.tBodies[0].getBoundingClientRect().top;
  const first = Math.max(0, Math.floor(hidden / ROW));
  return { first, last: first + Math.ceil(Math.min(frame.height, innerHeight) / ROW) };
}

function rowsUrl(from, count) {
  const query = new URLSearchParams(location.search);
  query.set("from", from);
  query.set("count", count);
  return `/board/rows?${query}`;
}

async function loadRows(from, count, isNews) {
  const asked = Symbol("asked");
  shown.asked = asked;
  const answer = await fetch(rowsUrl(from, count), { headers: { "x-requested-with": "landfall" } });
  if (shown.asked !== asked) return;
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  const text = await answer.text();
  if (shown.asked !== asked) return;
  showRows(text, answer.headers, isNews);
}

function showRows(text, headers, isNews) {
  const before = new Map(all("tr[data-id]", board).map((row) => [row.dataset.id, row]));
  const body = board.tBodies[0];
  const parsed = document.createElement("template");
  parsed.innerHTML = `<table><tbody>${text}</tbody></table>`;
  const rows = [...parsed.content.querySelector("tbody").rows];
  tellTimes(parsed.content);
  if (isNews) rows.forEach((row) => glow(before.get(row.dataset.id), row));
  const focused = place(document.activeElement);
  body.replaceChildren(...rows);
  board.dataset.lines = headers.get("x-lines") ?? board.dataset.lines;
  frame(Number(headers.get("x-from") ?? 0), rows.length);
  if (focused) focusPlace(focused);
}

function glow(before, after) {
  if (!before) return;
  [...after.cells].forEach((cell, index) => {
    const old = before.cells[index];
    const said = (cell) => all(".version, .mark", cell).map((part) => part.textContent).join(" ");
    if (old && said(old) !== said(cell)) cell.classList.add("glow");
  });
}

function look() {
  const { first, last } = inSight();
  const total = Number(board.dataset.lines);
  const isCovered = first >= shown.from && Math.min(last, total) <= shown.until;
  if (isCovered) return;
  const from = Math.max(0, first - AHEAD);
  loadRows(from, last - first + 2 * AHEAD, false);
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

let typed = 0;

function filterSoon(form) {
  clearTimeout(typed);
  typed = setTimeout(() => filterNow(form), 30);
}

function filterNow(form) {
  const query = new URLSearchParams(new FormData(form));
  for (const [name, value] of [...query]) if (value === "") query.delete(name);
  history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
  loadRows(0, inSight().last + AHEAD, false);
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
  stream.onopen = () => say("live", true);
  stream.onerror = () => say("offline", false);
  stream.addEventListener("news", (event) => {
    document.body.dataset.sequence = event.lastEventId;
    clearTimeout(waiting);
    waiting = setTimeout(news, 60);
  });
}

// A browser keeps a page that was left, and its stream with it; after six there is no connection
// left for the page to come.
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", (event) => event.persisted && follow());

function news() {
  if (board) {
    loadRows(shown.from, Math.max(shown.until - shown.from, inSight().last + AHEAD), true);
    refresh("#numbers", `/board/numbers${location.search}`);
  } else if (one("#empty")) {
    location.reload();
  }
  document.body.dispatchEvent(new CustomEvent("news"));
}

async function refresh(selector, url) {
  const answer = await fetch(url, { headers: { "x-requested-with": "landfall" } });
  if (answer.ok) one(selector).innerHTML = await answer.text();
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

async function look_up(text) {
  const answer = await fetch(`/palette?q=${encodeURIComponent(text)}`, { headers: { "x-requested-with": "landfall" } });
  if (!answer.ok) return;
  one("ul", palette).innerHTML = await answer.text();
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
  look_up("");
}

function paletteKey(event) {
  if (event.key === "ArrowDown") choose(1);
  else if (event.key === "ArrowUp") choose(-1);
  else if (event.key === "Enter") one('a[aria-selected="true"]', palette)?.click();
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
one(".side [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
for (const field of all("[data-submit]")) field.addEventListener("change", () => field.form.submit());

tellTimes();
setInterval(tellTimes, 30000);
document.addEventListener("keydown", key);
document.addEventListener("click", click);
document.addEventListener("htmx:afterSwap", (event) => tellTimes(event.target));
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["x-csrf"] = document.body.dataset.csrf;
});
if (palette) {
  one("input", palette).addEventListener("input", (event) => look_up(event.target.value));
  palette.addEventListener("keydown", paletteKey);
}
if (board) {
  frame(Number(board.dataset.from), board.tBodies[0].rows.length);
  for (const scroller of [sight, window]) {
    scroller.addEventListener("scroll", () => requestAnimationFrame(look), { passive: true });
  }
  addEventListener("resize", look);
  const form = one("#filter");
  form.addEventListener("input", () => filterSoon(form));
  form.addEventListener("submit", (event) => event.preventDefault());
}
follow();
