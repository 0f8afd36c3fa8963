// What pages do beyond links and forms: ages that go on, live news, keys, the palette. Without it every
// page still shows what it has. The matrix and the facts of its cells have scripts of their own.
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

// Only when it is looked at. A cell of the matrix tells it among its facts.
function tellExactly(event) {
  if (event.target.closest?.(".board .cell")) return;
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

/* Live: a report shows within a second, and the connection comes back by itself. All pages of a browser
   share one stream, which a worker holds; where there are no such workers, each page has its own. */

const scripts = document.currentScript.src;
const live = { isAlone: !("SharedWorker" in window), port: null, stream: null, wasLost: false, waiting: 0 };
const where = () => new URLSearchParams({ organization: document.body.dataset.organization, after: document.body.dataset.sequence });

function follow() {
  if (!one("#live")) return;
  if (live.isAlone) followAlone();
  else followWorker();
}

function followWorker() {
  if (!live.port) {
    const worker = new SharedWorker(new URL("live.js", scripts), document.body.dataset.organization);
    worker.onerror = followAlone;
    live.port = worker.port;
    live.port.onmessage = ({ data }) => hear(data);
  }
  live.port.postMessage({ follow: where().toString() });
}

function followAlone() {
  live.isAlone = true;
  live.stream = new EventSource(`/live?${where()}`);
  live.stream.onopen = () => hear({ isOn: true });
  live.stream.onerror = () => hear({ isOn: false, isOver: live.stream.readyState === EventSource.CLOSED });
  live.stream.addEventListener("news", (event) => hear({ isOn: true, news: event.lastEventId }));
}

// A page that was left leaves its stream too, even if the browser keeps it.
function unfollow() {
  live.stream?.close();
  live.port?.postMessage({ leave: true });
  live.port = live.stream = null;
}

function hear({ isOn, isOver, news: number }) {
  one("#live").classList.toggle("on", isOn);
  one("#live").firstElementChild.textContent = isOn ? "live" : "offline";
  if (isOn && live.wasLost) news();
  live.wasLost = !isOn;
  // After an answer that is no stream a browser gives up: a proxy's, or that of the signed-out.
  if (isOver) setTimeout(followAgain, 3000);
  if (!number) return;
  document.body.dataset.sequence = number;
  live.waiting ||= setTimeout(() => {
    live.waiting = 0;
    news();
  }, 60);
}

addEventListener("pagehide", unfollow);
addEventListener("pageshow", (event) => event.persisted && follow());

async function followAgain() {
  const over = new AbortController();
  const headers = { "x-requested-with": "landfall" };
  const answer = await fetch(`/live?${where()}`, { headers, signal: over.signal }).catch(() => null);
  over.abort();
  if (answer?.status === 401) location.reload();
  else follow();
}

function news() {
  if (one("#empty")) location.reload();
  document.body.dispatchEvent(new CustomEvent("news"));
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
let wasG = false;

function key(event) {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openPalette();
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (wasG && GO[event.key]) {
    event.preventDefault();
    return location.assign(GO[event.key]);
  }
  wasG = event.key === "g";
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
follow();
