// The matrix: only the cells in sight and some around them are in the page. What scrolls in is added on
// its side and what is far is dropped, by one request at a time, so that a long fling goes on.
"use strict";

const board = one("#board");
const sight = one(".board-frame");
const ROW = 36;
// Lines beyond those in sight, the way that one scrolls and the other one, and how few of them are left
// when more are asked for. What is further than the last is dropped.
const AHEAD = 90;
const BEHIND = 20;
const FAR = 30;
// After a jump, a filter or a move aside, the lines in sight come alone; the others follow.
const NEAR = 3;
// Columns beyond those in sight: on both sides, or the way that one scrolls and the other one; and how
// few of them are left on a side when more are asked for.
const BESIDE = { rest: [3, 3], leftwards: [8, 2], rightwards: [2, 8] };
const LEFT_OVER = { rest: [1, 1], leftwards: [4, 1], rightwards: [1, 4] };
// Rows of a phone differ in height, so there they are only ever added below, with all of their columns.
const isPhone = matchMedia("(max-width: 720px)");

// Not every browser tells when it is idle.
const whenIdle = window.requestIdleCallback ?? window.requestAnimationFrame;

const shown = { from: 0, until: 0, left: 0, right: 0 };
const wanted = { isAnew: false, isNews: false };
let underWay = null;
let isUpwards = false;
let aside = "rest";

const heads = () => board.tHead.rows[0].cells;
// The heads of the columns: what stands before is the name, and after it the days.
const columnsTotal = () => heads().length - 2;
const lines = () => [...board.tBodies[0].rows].filter((row) => row.className !== "spacer");
const total = () => Number(board.dataset.lines);

function inSight() {
  const frame = sight.getBoundingClientRect();
  const body = board.tBodies[0].getBoundingClientRect();
  const [top, bottom] = [Math.max(frame.top, 0), Math.min(frame.bottom, innerHeight)];
  const height = isPhone.matches ? body.height / Math.max(1, total()) : ROW;
  const first = Math.max(0, Math.floor((top - body.top) / height));
  return { first, last: Math.max(first, Math.ceil((bottom - body.top) / height)), ...columnsInSight() };
}

// Columns of a small matrix differ in width, and are all there from the start.
function columnsInSight() {
  const all = columnsTotal();
  if (isPhone.matches || !board.classList.contains("large")) return { left: 0, right: all };
  const [name, column, days] = [heads()[0], heads()[1], heads()[all + 1]].map((head) => head.offsetWidth);
  const left = Math.floor(sight.scrollLeft / column);
  const right = Math.ceil((sight.scrollLeft + sight.clientWidth - name - days) / column);
  return { left: Math.min(left, all - 1), right: Math.min(right, all) };
}

// The next cells to ask for: all anew, those that are shown once more, or some that scroll in.
function nextPart() {
  const seen = inSight();
  const columns = isPhone.matches
    ? { left: 0, right: columnsTotal() }
    : widened(seen, BESIDE[aside]);
  if (wanted.isAnew) return { kind: "anew", from: 0, until: seen.last - seen.first + NEAR, ...columns };
  if (wanted.isNews) return { ...shown, kind: "news", until: Math.max(shown.until, 1) };
  const near = { from: Math.max(0, seen.first - NEAR), until: Math.min(total(), seen.last + NEAR), ...columns };
  const { left, right } = shown;
  if (isMissingColumns(seen)) return { kind: "aside", ...near };
  const [up, down] = isUpwards ? [AHEAD, BEHIND] : [BEHIND, AHEAD];
  const low = isPhone.matches ? 0 : Math.max(0, seen.first - up);
  const high = Math.min(total(), seen.last + down);
  if (low > shown.until || high < shown.from) return { kind: "there", ...near };
  if (shown.until < high && seen.last + down / 2 > shown.until) return { kind: "below", from: shown.until, until: high, left, right };
  if (low < shown.from && seen.first - up / 2 < shown.from) return { kind: "above", from: low, until: shown.from, left, right };
  return null;
}

// Whether a column that one may see next has no cells yet.
function isMissingColumns(seen) {
  const { left, right } = widened(seen, LEFT_OVER[aside]);
  return left < shown.left || right > shown.right;
}

const widened = ({ left, right }, [before, after]) => ({
  left: Math.max(0, left - before),
  right: Math.min(columnsTotal(), right + after),
});

async function look() {
  if (underWay) return;
  for (let part = nextPart(); part; part = nextPart()) {
    Object.assign(wanted, { isAnew: false, isNews: false });
    underWay = new AbortController();
    const isShown = await bring(part, underWay.signal).catch(() => false);
    underWay = null;
    // What failed is tried again with the next scroll or news; a new filter ended it on purpose.
    if (!isShown && !wanted.isAnew) return;
    // Who types goes on typing: what is out of sight waits until nothing else is to do.
    if (part.kind === "anew" && !wanted.isAnew) return whenIdle(() => look());
  }
}

async function bring(part, signal) {
  const query = new URLSearchParams(location.search);
  query.set("from", part.from);
  query.set("count", part.until - part.from);
  query.set("left", part.left);
  query.set("right", part.right);
  const headers = { "x-requested-with": "landfall" };
  const answer = await fetch(`/board/rows?${query}`, { headers, signal });
  if (answer.status === 401 || (answer.ok && answer.headers.get("x-columns") !== board.dataset.columns)) {
    location.reload();
    return false;
  }
  if (!answer.ok) return false;
  show(part, await answer.text(), answer.headers);
  return true;
}

function show({ kind, left, right }, text, headers) {
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
    const focused = place(document.activeElement);
    replace(kind === "news" ? withKept(rows) : rows);
    const from = Number(headers.get("x-from"));
    Object.assign(shown, { from, until: from + rows.length, left, right });
    if (focused && !place(document.activeElement)) focusPlace(focused);
  }
  // Before anything is measured: a matrix that is too low for a moment is scrolled by the browser.
  space();
  if (!isPhone.matches) dropFar();
  number();
}

// A row that says what it said stays as it is: it keeps its focus, and a glow goes on.
function withKept(rows) {
  const before = new Map(all("tr[data-id]", board).map((row) => [row.dataset.id, row]));
  return rows.map((row) => {
    const old = before.get(row.dataset.id);
    if (old && said(old) === said(row)) return old;
    glow(old, row);
    return row;
  });
}

function replace(rows) {
  const body = board.tBodies[0];
  const stays = new Set(rows);
  lines().forEach((row) => stays.has(row) || row.remove());
  const first = spacerAt("above") ? 1 : 0;
  rows.forEach((row, index) => {
    const there = body.rows[first + index] ?? null;
    if (there !== row) body.insertBefore(row, there);
  });
}

function dropFar() {
  const { first, last } = inSight();
  const rows = lines();
  const [up, down] = isUpwards ? [AHEAD, BEHIND] : [BEHIND, AHEAD];
  const above = Math.max(0, Math.min(rows.length, first - up - FAR - shown.from));
  const below = Math.max(0, Math.min(rows.length - above, shown.until - last - down - FAR));
  rows.slice(0, above).forEach((row) => row.remove());
  if (below) rows.slice(-below).forEach((row) => row.remove());
  shown.from += above;
  shown.until -= below;
  if (above || below) space();
}

// Which row of the whole matrix each one is, for who does not see; the head is the first.
function number() {
  board.setAttribute("aria-rowcount", total() + 1);
  lines().forEach((row, index) => {
    const told = String(shown.from + index + 2);
    if (row.getAttribute("aria-rowindex") !== told) row.setAttribute("aria-rowindex", told);
  });
}

// Empty rows above and below, as high as the lines that are not in the page.
function space() {
  const height = isPhone.matches ? board.tBodies[0].offsetHeight / Math.max(1, lines().length) : ROW;
  fill("above", shown.from * height);
  fill("below", (total() - shown.until) * height);
}

const spacerAt = (side) => one(`tr.spacer[data-side=${side}]`, board);

function fill(side, height) {
  const row = spacerAt(side) ?? (height > 0 ? spacer(side) : null);
  if (height <= 0) return row?.remove();
  const { style } = row.cells[0];
  if (style.height !== `${height}px`) style.height = `${height}px`;
}

function spacer(side) {
  const row = board.tBodies[0].insertRow(side === "above" ? 0 : -1);
  row.className = "spacer";
  row.dataset.side = side;
  row.setAttribute("aria-hidden", "true");
  row.insertCell().colSpan = heads().length;
  return row;
}

// What a row says, but for how long ago that was, and which of its cells is looked at.
function said(row) {
  const html = row.innerHTML.replace(/(<time datetime="[^"]*")[^>]*>[^<]*/g, "$1");
  return html.replace(/ ?\bglow\b| (title|aria-describedby)="[^"]*"/g, "");
}

function glow(before, after) {
  if (!before) return;
  [...after.cells].forEach((cell, index) => {
    const old = before.cells[index];
    const words = (cell) => all(".version, .mark", cell).map((part) => part.textContent).join(" ");
    if (old && words(old) !== words(cell)) cell.classList.add("glow");
  });
}

/* Places: a row by its application, and a column by its number; 0 is the name. */

// Cells of a row before those of its columns: the name, and one for all columns that are not in the page.
const cellsBefore = (row) => (row.cells[1]?.className === "aside" ? 2 : 1);

function place(element) {
  const cell = element?.closest?.("#board td, #board th");
  const row = cell?.parentElement;
  if (!row?.dataset.id) return null;
  return { id: row.dataset.id, column: cell.cellIndex && cell.cellIndex - cellsBefore(row) + shown.left + 1 };
}

function cellAt(row, column) {
  return column ? row?.cells[column - 1 - shown.left + cellsBefore(row)] : row?.cells[0];
}

function focusPlace({ id, column }) {
  const row = all("tr[data-id]", board).find((row) => row.dataset.id === id);
  one("a", (row && cellAt(row, column)) ?? document.createElement("td"))?.focus({ preventScroll: true });
}

function move([down, right]) {
  const rows = all("tr[data-id]", board);
  const at = place(document.activeElement);
  if (!at) return one("a", rows[0])?.focus();
  const row = rows.findIndex((row) => row.dataset.id === at.id);
  const isThere = (y, x) => rows[y] && (x === 0 || (x > shown.left && x <= shown.right));
  // From the first column in the page to the name there may be others, which scroll in.
  for (let y = row + down, x = at.column + right; isThere(y, x); y += down, x += right) {
    const link = one("a", cellAt(rows[y], x) ?? document.createElement("td"));
    if (link) return link.focus();
  }
  sight.scrollBy({ left: right * (heads()[1].offsetWidth), top: down * ROW });
}

const STEP = { j: [1, 0], k: [-1, 0], h: [0, -1], l: [0, 1] };
const ARROW = { ArrowDown: "j", ArrowUp: "k", ArrowLeft: "h", ArrowRight: "l" };

function step(event) {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (isTyping || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = STEP[event.key] ?? (place(document.activeElement) && STEP[ARROW[event.key]]);
  if (!step) return;
  event.preventDefault();
  move(step);
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
  aside = "rest";
  underWay?.abort();
  sight.scrollTop = 0;
  look();
  refreshNumbers();
}

async function refreshNumbers() {
  const asked = location.search;
  const headers = { "x-requested-with": "landfall" };
  const answer = await fetch(`/board/numbers${asked}`, { headers }).catch(() => null);
  const text = answer?.ok ? await answer.text() : null;
  if (text !== null && asked === location.search) one("#numbers").innerHTML = text;
}

function scrolled() {
  const { scrollTop, scrollLeft } = isPhone.matches ? document.scrollingElement : sight;
  if (scrollTop !== scrolled.top) isUpwards = scrollTop < scrolled.top;
  if (scrollLeft !== scrolled.left) aside = scrollLeft < scrolled.left ? "leftwards" : "rightwards";
  Object.assign(scrolled, { top: scrollTop, left: scrollLeft });
  look();
}

if (board) {
  const { from, left, right } = board.dataset;
  Object.assign(shown, { from: Number(from), until: Number(from) + lines().length, left: Number(left), right: Number(right) });
  number();
  space();
  Object.assign(scrolled, { top: sight.scrollTop, left: sight.scrollLeft });
  for (const scroller of [sight, window]) scroller.addEventListener("scroll", scrolled, { passive: true });
  addEventListener("resize", look);
  document.addEventListener("keydown", step);
  document.body.addEventListener("news", () => {
    wanted.isNews = true;
    look();
    refreshNumbers();
  });
  const form = one("#filter");
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  look();
}
