// A list of tickets that stays fresh without moving: a changed line is replaced where it is, a new one is announced.
// Keys: j k along the lines, x chooses, u shows what is new, g back to the list.
(() => {
  "use strict";
  const list = document.querySelector("[data-list]");
  if (!list) return;
  const lines = list.querySelector(".tickets");
  const news = list.querySelector("[data-news]");
  const chosen = list.querySelector("[data-chosen]");
  const fresh = new Set();
  const asked = new Set();
  const MANY = 100;
  let timer = 0, pace = 0, all = false, busy = false;

  const line = (id) => lines.querySelector(`[data-ticket="${id}"]`);
  const made = (html) => {
    const box = document.createElement("template");
    box.innerHTML = html.trim();
    return box.content.firstElementChild;
  };

  const replace = (old, html) => {
    const next = made(html);
    if (next.dataset.version === old.dataset.version && !old.classList.contains("line--gone")) return;
    const focused = old.contains(document.activeElement);
    next.querySelector(".line__choose").checked = old.querySelector(".line__choose").checked;
    const here = old.querySelector("[aria-current]");
    if (here) next.querySelector(".line__link").setAttribute("aria-current", "true");
    old.replaceWith(next);
    if (focused) next.querySelector(".line__link").focus();
  };
  const gone = (old) => {
    if (old.classList.contains("line--gone")) return;
    old.classList.add("line--gone");
    const words = document.createElement("span");
    words.className = "badge badge--quiet";
    words.textContent = list.dataset.wordsGone;
    old.querySelector(".tickets__head").append(words);
  };
  const announce = () => {
    news.hidden = !fresh.size;
    news.textContent = list.dataset.wordsNew.replace("#", String(fresh.size));
  };

  const ask = async () => {
    if (document.hidden) return; // nobody looks: asked when somebody does
    if (busy) { plan(); return; }
    busy = true;
    const whole = all || asked.size > MANY;
    const only = whole ? [] : [...asked];
    asked.clear();
    all = false;
    const url = new URL(list.dataset.rows, location.href);
    if (!whole) url.searchParams.set("only", only.join(","));
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return;
      const { order, lines: html, counts } = await answer.json();
      order.forEach((id) => {
        const old = line(id);
        if (old) replace(old, html[id]);
        else fresh.add(id);
      });
      // beyond the last line that was asked for nothing is known
      const missing = whole ? [...lines.children].slice(0, order.length).map((one) => one.dataset.ticket) : only.map(String);
      missing.filter((id) => !(id in html)).forEach((id) => {
        fresh.delete(Number(id));
        const old = line(id);
        if (old) gone(old);
      });
      Object.entries(counts).forEach(([name, words]) => {
        const place = document.querySelector(`[data-count="${name}"]`);
        if (place) place.textContent = words;
      });
      announce();
    } catch { /* the next event or poll asks again */ } finally { busy = false; }
  };
  // A moment that was drawn stays, unless something more urgent comes: what goes on happening must not put it off.
  const plan = (within = 0) => {
    if (timer && pace <= within) return;
    clearTimeout(timer);
    pace = within;
    timer = setTimeout(() => { timer = 0; ask(); }, 300 + Math.random() * within);
  };

  document.addEventListener("house:event", ({ detail }) => {
    if (!detail.ticket_id) return;
    asked.add(detail.ticket_id);
    plan();
  });
  // Everybody at my desks is told the same: lines that are seen soon, those that may be new when others have asked.
  document.addEventListener("house:tickets", ({ detail: { ids, within } }) => {
    if (ids) ids.forEach((id) => asked.add(id));
    else all = true;
    plan(ids && ids.some(line) ? within : within * 5);
  });
  document.addEventListener("house:poll", () => { all = true; plan(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && (all || asked.size)) plan(); });

  // The list anew, in place: only when somebody asks for it.
  const reload = async () => {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) { location.reload(); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("[data-list]");
    lines.replaceChildren(...next.querySelector(".tickets").children);
    list.querySelectorAll(".empty, .pager").forEach((part) => part.remove());
    list.append(...next.querySelectorAll(".empty, .pager"));
    fresh.clear();
    announce();
    count();
    list.scrollTo({ top: 0 });
    const first = lines.querySelector(".line__link");
    if (first) first.focus();
  };
  news.addEventListener("click", reload);

  const count = () => {
    const number = lines.querySelectorAll(".line__choose:checked").length;
    chosen.hidden = !number;
    chosen.querySelector("[data-chosen-count]").textContent = String(number);
  };
  lines.addEventListener("change", count);
  lines.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  count();

  const step = (by) => {
    const links = [...lines.querySelectorAll(".line__link")];
    const here = document.activeElement.closest(".line") || lines.querySelector("[aria-current]")?.closest(".line");
    const at = here ? [...lines.children].indexOf(here) : -1;
    const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (window.staff.typing(event.target) && event.target.type !== "checkbox") return;
    if (document.querySelector("dialog[open]")) return;
    if (event.code === "KeyJ") step(1);
    else if (event.code === "KeyK") step(-1);
    else if (event.code === "KeyX") {
      const box = document.activeElement.closest(".line")?.querySelector(".line__choose");
      if (box) { box.checked = !box.checked; count(); }
    } else if (event.code === "KeyU" && !news.hidden) reload();
    else if (event.code === "KeyG") { const back = document.querySelector(".workspace__back"); if (back) location.href = back.href; }
    else return;
    event.preventDefault();
  });
})();
