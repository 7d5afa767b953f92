// What was committed, as it happens: dispatches "house:event" {kind, ticket_id, call_id, desk_id, …} on the document.
// "house:poll" says: ask by yourself; once whenever the line is there again, and every 15 s while it is not.
(() => {
  "use strict";
  const source = document.currentScript.dataset.events;
  const EVERY = 15000;
  let stream = null, timer = 0, again = 0;

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const poll = () => tell("house:poll", {});
  const live = (yes) => {
    document.body.dataset.live = yes ? "yes" : "no";
    clearInterval(timer);
    if (!yes) timer = setInterval(poll, EVERY);
  };
  const later = () => {
    stream.close();
    clearTimeout(again);
    again = setTimeout(open, EVERY);
  };

  function open() {
    stream = new EventSource(source);
    stream.addEventListener("ready", () => { live(true); poll(); });
    stream.addEventListener("away", () => { live(false); later(); });
    stream.addEventListener("message", (event) => tell("house:event", JSON.parse(event.data)));
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
