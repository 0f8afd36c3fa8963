// The live stream that all pages of a browser share, in a worker: it says to each page whether the stream
// is there, and the number of the last event. One worker is for one organization.
"use strict";

const pages = new Set();
let stream = null;
let last = 0;

const tell = (message) => pages.forEach((page) => page.postMessage(message));
const isOver = () => stream.readyState === EventSource.CLOSED;

function open(query) {
  last = Number(query.get("after"));
  stream = new EventSource(`/live?${query}`);
  stream.onopen = () => tell({ isOn: true });
  stream.onerror = () => tell({ isOn: false, isOver: isOver() });
  stream.addEventListener("news", (event) => {
    last = Number(event.lastEventId);
    tell({ isOn: true, news: last });
  });
}

function follow(page, query) {
  pages.add(page);
  if (!stream || isOver()) return open(query);
  if (stream.readyState !== EventSource.OPEN) return;
  // A page that comes later may have been made before the last event, which nobody would tell it.
  page.postMessage({ isOn: true, news: last > Number(query.get("after")) ? last : 0 });
}

function leave(page) {
  pages.delete(page);
  if (pages.size) return;
  stream?.close();
  stream = null;
}

addEventListener("connect", ({ ports: [page] }) => {
  page.onmessage = ({ data }) => (data.leave ? leave(page) : follow(page, new URLSearchParams(data.follow)));
});
