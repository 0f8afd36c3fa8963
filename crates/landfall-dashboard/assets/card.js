// The facts of a cell, when it is pointed at, has the focus, or is touched first. They are asked for then:
// a matrix has too many cells to bring the facts of each. The link stays a link: Enter, a click and a
// second touch open it.
"use strict";

const CELL = ".board a.cell";
// A pointer and a focus that only pass by ask for nothing.
const REST_MS = 150;
const GAP = 4;

const card = document.createElement("div");
card.id = "card";
card.setAttribute("popover", "manual");
document.body.append(card);

let looked = null;
let timer = 0;

function lookAt(link, after) {
  clearTimeout(timer);
  if (link === looked) return;
  timer = setTimeout(() => (link ? tellFacts(link) : hide()), after);
}

async function tellFacts(link) {
  hide();
  looked = link;
  const answer = await fetch(`${link.pathname}/card`, { headers: { "x-requested-with": "landfall" } }).catch(() => null);
  const text = answer?.ok ? await answer.text() : null;
  if (text === null || looked !== link || !link.isConnected) return;
  card.innerHTML = text;
  tellTimes(card);
  tellClocks(card);
  // Its few words would lie over the facts.
  link.removeAttribute("title");
  link.setAttribute("aria-describedby", card.id);
  rows.observe(link.closest("tbody"), { childList: true });
  card.showPopover();
  put(link.getBoundingClientRect());
}

// Below the cell, or above it where there is no room; the style puts it elsewhere on a phone.
function put(cell) {
  const { offsetWidth: width, offsetHeight: height } = card;
  const below = cell.bottom + GAP;
  const top = below + height <= innerHeight ? below : Math.max(GAP, cell.top - GAP - height);
  card.style.setProperty("--left", `${Math.max(GAP, Math.min(cell.left, innerWidth - width - GAP))}px`);
  card.style.setProperty("--top", `${top}px`);
}

// A row that says something new is another row.
const rows = new MutationObserver(hideGone);

function hideGone() {
  if (looked && !looked.isConnected) hide();
}

function hide() {
  rows.disconnect();
  clearTimeout(timer);
  looked?.removeAttribute("aria-describedby");
  looked = null;
  if (card.matches(":popover-open")) card.hidePopover();
}

const cellOf = (event) => event.target.closest?.(CELL);

// A browser that knows no popovers goes on with the few words of the link.
if ("popover" in card) {
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    if (card.contains(event.target)) clearTimeout(timer);
    else if (cellOf(event) || looked) lookAt(cellOf(event) ?? null, REST_MS);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    if (cellOf(event)?.matches(":focus-visible")) lookAt(cellOf(event), REST_MS);
  });
  document.addEventListener("focusout", (event) => {
    if (cellOf(event) && !card.contains(event.relatedTarget)) lookAt(null, REST_MS);
  });
  document.addEventListener("click", (event) => {
    const link = cellOf(event);
    if (event.pointerType === "touch" && link && link !== looked) {
      event.preventDefault();
      tellFacts(link);
    } else if (!card.contains(event.target)) hide();
  });
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  document.addEventListener("scroll", (event) => card.contains(event.target) || hide(), { capture: true, passive: true });
  document.addEventListener("htmx:afterSwap", hideGone);
}
