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

  // A draft is kept by the house while it is typed: it survives this browser, and colleagues see who writes. What the
  // house could not be told stays in this tab, and goes when its ticket has moved on by it.
  const composer = document.getElementById("composer");
  const csrf = composer.querySelector("[name=csrf_token]")?.value;
  const TELL_AFTER = 1000;
  const others = (words) => { document.getElementById("writing").textContent = words.join(" · "); };
  const tell = async (text) => {
    const body = new URLSearchParams({ kind: text.closest("[data-composer]").dataset.composer, body: text.value });
    try {
      const answer = await fetch(composer.dataset.draft, {
        method: "POST", body, keepalive: true, headers: { "X-Requested-With": "fetch", "X-CSRFToken": csrf },
      });
      if (answer.ok) others((await answer.json()).writing);
    } catch { /* kept in this tab */ }
  };
  composer.querySelectorAll("form").forEach((form) => {
    const text = form.querySelector("textarea");
    const key = `draft:${page.dataset.number}:${text.id}`;
    const kept = JSON.parse(sessionStorage.getItem(key) || "null");
    if (kept && !kept.sent && !page.querySelector(".errors")) text.value = kept.text;
    else if (kept && kept.sent && kept.version === page.dataset.version && !text.value) text.value = kept.text;
    else if (kept) sessionStorage.removeItem(key);
    let later = 0;
    const keep = (sent) => {
      if (!text.value) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify({ text: text.value, version: page.dataset.version, sent }));
    };
    text.addEventListener("input", () => {
      keep(false);
      clearTimeout(later);
      later = setTimeout(() => tell(text), TELL_AFTER);
    });
    form.addEventListener("submit", () => { clearTimeout(later); keep(true); });
  });
  const recall = async () => {
    const answer = await fetch(composer.dataset.draft, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const { mine, writing } = await answer.json();
    others(writing);
    Object.entries(mine).forEach(([kind, body]) => {
      const box = composer.querySelector(`[data-composer="${kind}"]`);
      const text = box.querySelector("textarea");
      if (text.value) return;
      text.value = body;
      if (!composer.querySelector("[open]")) box.open = true;
    });
  };
  recall().catch(() => { /* asked again with the next page */ });

  // a conversation is read from its end; the head is one scroll away
  if (!page.querySelector(".errors")) page.scrollTop = page.scrollHeight;
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
})();
