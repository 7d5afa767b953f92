// The wallboard: clocks tick, its parts are drawn anew when something moved, what needs a question opens a dialog, and a
// supervisor's softphone joins a conversation. A part with the cursor in it keeps the cursor; an open dialog is no part.
(() => {
  "use strict";
  const board = document.querySelector("[data-wallboard]");
  if (!board) return;
  const said = document.querySelector("[data-said]");
  const SLOW = 30000, LEAST = 1000;
  const toast = (words, kind) => window.staff && window.staff.toast(words, kind);
  const headers = { "X-Requested-With": "fetch", "X-CSRFToken": board.dataset.csrf || "" };

  const two = (number) => String(number).padStart(2, "0");
  const tick = () => document.querySelectorAll("[data-clock]").forEach((node) => {
    const seconds = Math.max(0, Math.floor(Date.now() / 1000 - Number(node.dataset.clock)));
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    node.textContent = hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
  });

  let asking = false, again = false, timer = 0, last = 0;
  const draw = (page) => board.querySelectorAll("[data-part]").forEach((part) => {
    const fresh = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (!fresh || fresh.innerHTML === part.innerHTML) return;
    const held = part.contains(document.activeElement) ? document.activeElement.id : "";
    const frame = part.querySelector(".table-frame");
    const left = frame ? frame.scrollLeft : 0;
    part.replaceChildren(...fresh.childNodes);
    const now = part.querySelector(".table-frame");
    if (now) now.scrollLeft = left;
    if (held) (document.getElementById(held) || part.querySelector("button") || part).focus({ preventScroll: true });
  });
  const load = async () => {
    if (document.hidden) { again = true; return; }
    if (asking) { again = true; return; }
    asking = true;
    again = false;
    last = Date.now();
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok) draw(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* away for a moment: the next event or poll asks again */ } finally { asking = false; }
    tick();
    if (again) plan(0);
  };
  const plan = (within) => {
    if (timer) return;
    const wait = Math.max(100, LEAST - (Date.now() - last)) + Math.random() * within;
    timer = setTimeout(() => { timer = 0; load(); }, wait);
  };
  document.addEventListener("house:calls", ({ detail }) => plan(detail.within || 0));
  document.addEventListener("house:event", ({ detail }) => { if (/^(call|queue|alarm|presence)\./.test(detail.kind)) plan(0); });
  document.addEventListener("house:poll", () => plan(0));
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) plan(0); });
  setInterval(() => plan(0), SLOW);
  setInterval(tick, 1000);

  // ── asking first ─────────────────────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-asks]");
    if (!button) return;
    const box = document.getElementById(button.dataset.asks);
    const form = box.querySelector("form[data-act]");
    form.reset();
    form.action = button.dataset.url;
    form.querySelector("[data-what]").textContent = button.dataset.what;
    for (const name of ["desk", "queue"]) {
      const given = button.getAttribute(`data-set-${name}`);
      if (given && form.elements[name]) form.elements[name].value = given;
    }
    box.showModal();
  });

  const send = (url, body) => fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
  const refused = async (answer) => {
    const told = await answer.json().catch(() => ({}));
    toast(told.detail || told.error || String(answer.status), "amber");
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-act]");
    if (!form) return;
    event.preventDefault();
    const box = form.closest("dialog");
    const answer = await send(form.action, new FormData(form)).catch(() => null);
    if (answer && answer.ok) { if (box) box.close(); } else if (answer) await refused(answer);
    last = 0;
    plan(0);
  });

  // ── in a conversation ────────────────────────────────────────────────────────────────────────────────────────────
  let phone = null;
  const renew = async () => (await fetch(board.dataset.token, { headers })).json();
  const telephone = async () => {
    if (phone) return phone;
    phone = await window.softphone(renew);
    if (phone) phone.listen((state, detail) => {
      if (state === "lost") toast(detail === "microphone" ? board.dataset.wordsMicrophone : board.dataset.wordsLost, "breach");
      plan(0);
    });
    return phone;
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-supervise]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button");
    button.setAttribute("aria-busy", "true");
    try {
      const mine = await telephone();
      if (!mine) { toast(board.dataset.wordsNone, "breach"); return; }
      const answer = await send(form.action, new FormData(form));
      if (!answer.ok) { await refused(answer); return; }
      const { token } = await answer.json();
      if (token) await mine.connect({ supervision: token });
      if (said) said.textContent = button.textContent;
    } catch {
      toast(board.dataset.wordsLost, "breach");
    } finally {
      button.removeAttribute("aria-busy");
      last = 0;
      plan(0);
    }
  });

  // ── the wall ─────────────────────────────────────────────────────────────────────────────────────────────────────
  const whole = document.querySelector("[data-whole-screen]");
  if (whole) whole.addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  });
  tick();
})();
