// The call bar: where I am, the card of an offered call, the call that I have. The server draws it; this keeps it fresh,
// answers (Enter, when nothing is being typed), and tells the house every ten seconds that this browser is there.
(() => {
  "use strict";
  const bar = document.querySelector("[data-callbar]");
  if (!bar) return;
  const { card, heartbeat, token, csrf } = bar.dataset;
  const me = Number(bar.dataset.me);
  const ALIVE = 10000, POLL = 5000;
  const title = document.title;
  let phone = null, offer = "", answering = "", muted = false, loading = 0;

  const ask = (url, options = {}) =>
    fetch(url, { ...options, headers: { "X-Requested-With": "fetch", "X-CSRFToken": csrf }, credentials: "same-origin" });
  const toast = (words, kind) => window.staff && window.staff.toast(words, kind);

  const two = (number) => String(number).padStart(2, "0");
  const tick = () => bar.querySelectorAll("[data-since]").forEach((node) => {
    const until = Number(node.dataset.until || Date.now() / 1000);
    const seconds = Math.max(0, Math.floor(until - Number(node.dataset.since)));
    node.textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  });

  const draw = (html) => {
    bar.innerHTML = html;
    tick();
    const state = bar.querySelector("[data-presence]");
    const held = (state && state.dataset.offer) || "";
    if (held && held !== offer) {
      const button = bar.querySelector("[data-answer]");
      if (!window.staff || !window.staff.typing(document.activeElement)) button.focus();
    }
    offer = held;
    document.title = offer ? `☎ ${title}` : title;
    if (answering && answering === offer) bar.querySelector("[data-answer]").setAttribute("aria-busy", "true");
    // a call of the voice SDK lives in this page: its tickets open beside it
    if (window.Twilio) bar.querySelectorAll("[data-ticket]").forEach((link) => { link.target = "_blank"; });
  };

  const load = async () => {
    const mine = ++loading;
    try {
      const answer = await ask(card);
      if (answer.ok && mine === loading) draw(await answer.text());
    } catch { /* away for a moment: the next event or poll asks again */ }
  };
  let soon = 0, later = 0;
  const loadSoon = () => { clearTimeout(soon); soon = setTimeout(load, 80); };
  // what concerns others moves only the number of those who wait: a surge must not make every browser ask every time
  const loadLater = () => { later = later || setTimeout(() => { later = 0; load(); }, 1000 + Math.random() * 1000); };

  const renew = async () => (await ask(token)).json();
  const telephone = async () => {
    if (phone) return phone;
    phone = await window.softphone(renew);
    if (phone) phone.listen((state, detail) => {
      if (state === "lost" || state === "disconnected") answering = "";
      if (state === "lost") toast(detail === "microphone" ? bar.dataset.wordsMicrophone : bar.dataset.wordsLost, "breach");
      loadSoon();
    });
    return phone;
  };

  const answer = async () => {
    if (!offer || answering === offer) return;
    answering = offer;
    bar.querySelector("[data-answer]").setAttribute("aria-busy", "true");
    try {
      const mine = await telephone();
      if (!mine) { toast(bar.dataset.wordsNone, "breach"); answering = ""; return; }
      await mine.connect({ offer: answering });
    } catch {
      answering = "";
      toast(bar.dataset.wordsLost, "breach");
    }
    loadSoon();
  };

  const mute = async (button) => {
    muted = !muted;
    button.setAttribute("aria-pressed", String(muted));
    const mine = await telephone();
    if (mine) await mine.mute(muted);
  };

  bar.addEventListener("click", (event) => {
    if (event.target.closest("[data-answer]")) answer();
    const button = event.target.closest("[data-mute]");
    if (button) mute(button);
  });
  bar.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-callbar-form]");
    if (!form) return;
    event.preventDefault();
    const mine = ++loading;
    const done = await ask(form.action, { method: "POST", body: new FormData(form) });
    if (done.ok && mine === loading) draw(await done.text());
    else if (!done.ok) { toast((await done.json()).detail, "amber"); load(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !offer || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, button, a, [contenteditable], dialog[open]")) return;
    event.preventDefault();
    answer();
  });

  document.addEventListener("house:event", (event) => {
    const { kind, staff_id: whose } = event.detail;
    if (!/^(call|offer|presence)\./.test(kind)) return;
    if (whose === me) loadSoon();
    else loadLater();
  });
  document.addEventListener("house:poll", loadSoon);
  setInterval(() => { if (document.body.dataset.live !== "yes") load(); }, POLL);
  setInterval(() => ask(heartbeat, { method: "POST" }).catch(() => {}), ALIVE);
  setInterval(tick, 1000);
  ask(heartbeat, { method: "POST" }).catch(() => {});
  load();
  telephone().catch(() => {});
})();
