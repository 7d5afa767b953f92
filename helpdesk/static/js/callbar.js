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
  let phone = null, offer = "", answering = "", muted = false, loading = 0, shape = "";

  // Which call I do not speak in outlives a change of page, as the call does.
  const MUTED = "callbar:muted";
  const keepMuted = (flag) => {
    muted = flag;
    const call = bar.querySelector("[data-call]");
    if (flag && call) sessionStorage.setItem(MUTED, call.dataset.call);
    else sessionStorage.removeItem(MUTED);
  };
  const showMuted = () => {
    bar.querySelectorAll("[data-mute]").forEach((button) => button.setAttribute("aria-pressed", String(muted)));
    bar.querySelectorAll("[data-muted]").forEach((words) => { words.hidden = !muted; });
  };

  const ask = (url, options = {}) =>
    fetch(url, { ...options, headers: { "X-Requested-With": "fetch", "X-CSRFToken": csrf }, credentials: "same-origin" });
  const toast = (words, kind) => window.staff && window.staff.toast(words, kind);
  const typing = () => window.staff && window.staff.typing(document.activeElement);

  const two = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => `${two(Math.floor(seconds / 60))}:${two(Math.floor(seconds % 60))}`;
  const tick = () => {
    const now = Date.now() / 1000;
    bar.querySelectorAll("[data-since]").forEach((node) => {
      node.textContent = clock(Math.max(0, Number(node.dataset.until || now) - Number(node.dataset.since)));
    });
    const ends = bar.querySelector("[data-wrapup-ends]");
    if (!ends) return;
    const left = Number(ends.dataset.wrapupEnds) - now;
    ends.querySelector("[data-left-clock]").textContent = clock(Math.max(0, left));
    ends.classList.toggle("wrapup__left--soon", left < 15);
    // what was written is kept, though the time is over before somebody pressed the key
    const form = bar.querySelector("[data-wrapup]");
    if (left < 1.5 && form.elements.note.value.trim() && !("sent" in form.dataset)) {
      form.dataset.sent = "";
      form.requestSubmit();
    }
  };

  // ── what is typed in the bar survives a reload, in this tab only ──
  const recall = () => bar.querySelectorAll("[data-draft]").forEach((form) => {
    const kept = JSON.parse(sessionStorage.getItem(form.dataset.draft) || "{}");
    Object.entries(kept).forEach(([name, value]) => { if (form.elements[name]) form.elements[name].value = value; });
  });
  bar.addEventListener("input", ({ target }) => {
    const form = target.closest("[data-draft]");
    if (!form) return;
    const { code, note } = form.elements;
    sessionStorage.setItem(form.dataset.draft, JSON.stringify({ code: code.value, note: note.value }));
  });

  // ── drawing ──
  const busy = () => bar.querySelector("details[open]") || (bar.contains(document.activeElement) && typing());
  const draw = (html) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const state = fresh.content.querySelector("[data-presence]");
    const next = state ? state.dataset.shape : "";
    // while nothing else can be done than before, an open menu and a field that is typed in stay as they are
    if (next === shape && busy()) return;
    const key = bar.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    const wroteUp = shape.startsWith("wrapup|");
    shape = next;
    bar.replaceChildren(fresh.content);
    recall();
    tick();
    bar.dispatchEvent(new Event("htmx:load", { bubbles: true })); // its combobox wakes up
    const held = (state && state.dataset.offer) || "";
    const answers = bar.querySelector("[data-answer]");
    if (held && held !== offer && answers && !typing()) answers.focus();
    else if (shape.startsWith("wrapup|") && !wroteUp && !typing()) bar.querySelector("[data-first]").focus();
    else if (key) bar.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
    offer = held;
    document.title = offer ? `☎ ${title}` : title;
    if (answering && answering === offer && answers) answers.setAttribute("aria-busy", "true");
    muted = Boolean(state && state.dataset.call && state.dataset.call === sessionStorage.getItem(MUTED));
    showMuted();
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
  let soon = 0;
  const loadSoon = () => { clearTimeout(soon); soon = setTimeout(load, 80); };

  // ── the telephone ──
  const wordsOf = (reason) => bar.dataset[`words${reason[0].toUpperCase()}${reason.slice(1)}`] || bar.dataset.wordsNetwork;
  const renew = async () => (await ask(token)).json();
  const telephone = async () => {
    if (phone) return phone;
    phone = await window.softphone(renew);
    if (phone) phone.listen((state, detail) => {
      if (state === "lost" || state === "disconnected") answering = "";
      if (state === "disconnected") keepMuted(false);
      if (state === "lost") toast(wordsOf(detail), "breach");
      loadSoon();
    });
    return phone;
  };

  const answer = async () => {
    if (!offer || answering === offer || !bar.querySelector("[data-answer]")) return;
    answering = offer;
    keepMuted(false);
    bar.querySelector("[data-answer]").setAttribute("aria-busy", "true");
    try {
      const mine = await telephone();
      if (!mine) { toast(bar.dataset.wordsNone, "breach"); answering = ""; return; }
      await mine.connect({ offer: answering });
    } catch {
      answering = "";
      toast(bar.dataset.wordsNetwork, "breach");
    }
    loadSoon();
  };

  const mute = async () => {
    keepMuted(!muted);
    showMuted();
    const mine = await telephone();
    if (mine) await mine.mute(muted);
  };
  const press = async (digit) => {
    const said = bar.querySelector("[data-digits]");
    said.textContent += digit;
    const mine = await telephone();
    if (mine) await mine.digits(digit).catch(() => toast(bar.dataset.wordsNetwork, "amber"));
  };

  // ── what is done in the bar ──
  bar.addEventListener("click", (event) => {
    if (event.target.closest("[data-answer]")) answer();
    if (event.target.closest("[data-mute]")) mute();
    const digit = event.target.closest("[data-digit]");
    if (digit) press(digit.dataset.digit);
  });
  bar.addEventListener("keydown", (event) => {
    const keypad = bar.querySelector("[open] [data-keypad]");
    if (!keypad || !/^[0-9*#]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    press(event.key);
  });
  // a menu at the right edge opens to the left
  bar.addEventListener("toggle", ({ target }) => {
    const panel = target.open && target.querySelector(".callmenu__panel");
    if (!panel) return;
    panel.classList.remove("callmenu__panel--left");
    panel.classList.toggle("callmenu__panel--left", panel.getBoundingClientRect().right > document.documentElement.clientWidth);
  }, true);
  // only a colleague can be asked first: for a queue or a desk Enter sends at once
  bar.addEventListener("change", ({ target }) => {
    if (target.name !== "to") return;
    const first = target.form.querySelector("[name=how][value=ask]");
    first.hidden = !target.value.startsWith("staff:");
    first.type = first.hidden ? "button" : "submit";
  });
  bar.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-callbar-form]");
    if (!form) return;
    event.preventDefault();
    const mine = ++loading;
    const done = await ask(form.action, { method: "POST", body: new FormData(form, event.submitter) });
    if (done.ok) {
      if (form.dataset.draft) sessionStorage.removeItem(form.dataset.draft);
      shape = "";
      if (mine === loading) draw(await done.text());
      else load();
    } else {
      delete form.dataset.sent;
      toast((await done.json()).detail, "amber");
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !offer || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, button, a, [contenteditable], dialog[open]")) return;
    event.preventDefault();
    answer();
  });

  // ── what happens elsewhere ──
  document.addEventListener("house:event", (event) => {
    const named = Object.entries(event.detail).some(([key, id]) => key.endsWith("staff_id") && id === me);
    if (!named || !/^(call|callback|offer|presence|transfer|recording)\./.test(event.detail.kind)) return;
    if (event.detail.kind === "call.offered") load(); // somebody waits
    else loadSoon();
  });
  // what concerns others moves only the number of those who wait: nobody asks for that
  document.addEventListener("house:line", ({ detail: { waiting, since } }) => {
    const line = bar.querySelector("[data-line]");
    if (!line) return;
    const words = waiting ? bar.dataset.wordsWaiting.replace("#", waiting) : bar.dataset.wordsNobody;
    const first = document.createElement("span");
    if (waiting) first.dataset.since = since;
    line.replaceChildren(waiting ? `${words}, ${bar.dataset.wordsLongest} ` : words, first);
    tick();
  });
  document.addEventListener("house:poll", loadSoon);
  setInterval(() => { if (document.body.dataset.live !== "yes") load(); }, POLL);
  setInterval(() => ask(heartbeat, { method: "POST" }).catch(() => {}), ALIVE);
  setInterval(tick, 1000);
  ask(heartbeat, { method: "POST" }).catch(() => {});
  soon = setTimeout(load, 1000); // unless the stream opens sooner, which asks
  telephone().catch(() => {});
})();
