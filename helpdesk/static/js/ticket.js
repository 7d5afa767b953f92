// The open ticket: what happens to it appears while it is read, and what is being typed is never touched.
(() => {
  "use strict";
  const page = document.querySelector("[data-page]");
  if (!page) return;
  const live = document.getElementById("live");
  let timer = 0;

  const versions = (value) => {
    page.dataset.version = value;
    page.querySelectorAll("#composer [name=version]").forEach((field) => { field.value = value; });
  };
  const untouched = (box) => !box.contains(document.activeElement) && !box.querySelector("[open]");

  const refresh = async () => {
    const answer = await fetch(location.pathname + location.search, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    const version = next.querySelector("[data-page]")?.dataset.version;
    if (!version) return;
    const told = live.querySelectorAll(".timeline > li").length;
    const why = live.querySelector(".derived").open;
    live.replaceChildren(...next.getElementById("live").children);
    live.querySelector(".derived").open = why;
    [...live.querySelectorAll(".timeline > li")].slice(told).forEach((line) => line.classList.add("entry--fresh"));
    const bar = document.getElementById("bar");
    // a menu that somebody works in stays as it is: it is sent with the version that they saw
    if (untouched(bar)) {
      const fresh = next.getElementById("bar");
      bar.replaceWith(fresh);
      fresh.dispatchEvent(new Event("htmx:load", { bubbles: true })); // its combobox wakes up
    }
    const person = document.getElementById("person");
    if (person) person.replaceWith(next.getElementById("person"));
    versions(version);
  };
  const plan = () => { clearTimeout(timer); timer = setTimeout(refresh, 300); };
  document.addEventListener("house:event", ({ detail }) => {
    if (String(detail.ticket_id) === page.dataset.page) plan();
  });
  document.addEventListener("house:poll", async () => {
    const old = document.querySelector(`[data-ticket="${page.dataset.page}"]`);
    if (!old || old.dataset.version !== page.dataset.version || !document.body.dataset.live || document.body.dataset.live === "no") plan();
  });

  // A draft survives a reload and a lost connection, in this tab only; it goes when its ticket has moved on by it.
  document.querySelectorAll("#composer form").forEach((form) => {
    const text = form.querySelector("textarea");
    const key = `draft:${page.dataset.number}:${text.id}`;
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    if (kept && !text.value && !(kept.sent && kept.version !== page.dataset.version)) text.value = kept.text;
    else if (kept && kept.sent) sessionStorage.removeItem(key);
    const keep = (sent) => {
      if (!text.value) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify({ text: text.value, version: page.dataset.version, sent }));
    };
    text.addEventListener("input", () => keep(false));
    form.addEventListener("submit", () => keep(true));
  });

  // a conversation is read from its end; the head is one scroll away
  if (!page.querySelector(".errors")) page.scrollTop = page.scrollHeight;
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
})();
