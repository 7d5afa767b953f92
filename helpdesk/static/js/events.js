// What was committed, as it happens. On the document it dispatches
//   "house:event" {kind, ticket_id, call_id, staff_id, …}  at once: it names me, or is about the ticket of this page
//   "house:tickets" {ids, within}   these tickets of my desks changed (ids null: too many to name); look within so many ms
//   "house:line" {waiting, since}   callers who wait at my desks, and since when the first of them (s, or null)
//   "house:calls" {within}          calls or operators of my desks moved; only for pages with data-follows="calls"
//   "house:poll"                    ask by yourself: when the line is there (again), and every 15 s while it is not
// The last four come at most once a second. `within` grows with the number of pages that are told the same.
(() => {
  "use strict";
  const script = document.currentScript;
  const EVERY = 15000;
  let stream = null, timer = 0, again = 0, opened = false;

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const poll = () => tell("house:poll", {});
  const about = (milliseconds) => milliseconds * (0.8 + Math.random() * 0.4);
  const live = (yes) => {
    document.body.dataset.live = yes ? "yes" : "no";
    clearTimeout(timer);
    timer = 0;
    if (yes) return;
    const next = () => { timer = setTimeout(() => { poll(); next(); }, about(EVERY)); };
    next();
  };
  const later = () => {
    stream.close();
    clearTimeout(again);
    again = setTimeout(open, about(EVERY));
  };
  const address = () => {
    const url = new URL(script.dataset.events, location.href);
    const page = document.querySelector("[data-page]");
    if (page) url.searchParams.set("ticket", page.dataset.page);
    if (document.querySelector("[data-follows~=calls]")) url.searchParams.set("calls", "1");
    return url;
  };
  const share = ({ tickets, line, calls, spread }) => {
    if (line) tell("house:line", line);
    if (tickets !== undefined) tell("house:tickets", { ids: tickets, within: spread });
    if (calls) tell("house:calls", { within: spread });
  };

  function open() {
    stream = new EventSource(address());
    stream.addEventListener("ready", () => {
      live(true);
      // all pages come again at once when the house does: let them not ask at once
      setTimeout(poll, opened ? Math.random() * 3000 : 0);
      opened = true;
    });
    stream.addEventListener("away", () => { live(false); later(); });
    stream.addEventListener("message", (event) => tell("house:event", JSON.parse(event.data)));
    stream.addEventListener("desks", (event) => share(JSON.parse(event.data)));
    stream.addEventListener("error", () => {
      live(false);
      // a stream that merely ended is opened again by the browser; one that was refused is not
      if (stream.readyState === EventSource.CLOSED) later();
    });
  }

  if ("EventSource" in window) open();
  else live(false);
  // a page that leaves gives its place free at once
  addEventListener("pagehide", () => stream && stream.close());
  addEventListener("pageshow", (event) => { if (event.persisted) open(); });
})();
