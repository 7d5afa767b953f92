"use strict";
import { make, teller } from "./trace.js";

(() => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const el = (id) => document.getElementById(id);
  const audio = el("audio");
  const shown = 300;
  let mine = null; // the call on this handset
  let last = null; // and the one before
  let since = null;
  let refreshing = null;
  const recent = [];

  const post = (path, body) =>
    fetch(`/phonesim/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
  const word = (status) => texts[`status.${status}`] || status;

  const sound = (url) => {
    audio.src = `/phonesim/audio?url=${encodeURIComponent(url)}`;
    audio.play().catch(() => {});
  };

  const speak = (words) => {
    if (!window.speechSynthesis || audio.muted) return;
    const spoken = new SpeechSynthesisUtterance(words);
    spoken.lang = /[а-яё]/i.test(words) ? "ru-RU" : "en-US";
    window.speechSynthesis.cancel();
    window.speechSynthesis.speak(spoken);
  };

  const silence = () => {
    audio.pause();
    if (window.speechSynthesis) window.speechSynthesis.cancel();
    audio.removeAttribute("src");
    el("heard").textContent = texts.silence;
  };

  const take = (sid, state) => {
    mine = last = sid;
    since = null;
    el("typed").textContent = "";
    el("state").textContent = state;
    const calling = document.activeElement === el("call");
    el("call").disabled = true;
    el("hangup").disabled = false;
    document.querySelectorAll("[data-key]").forEach((key) => { key.disabled = false; });
    if (calling) document.querySelector("[data-key]").focus();
    recent.filter((line) => line.call === sid).forEach(hears); // what came before we knew that this call is ours
  };

  const drop = (status) => {
    mine = null;
    since = null;
    silence();
    el("state").textContent = status ? word(status) : texts.onhook;
    el("timer").textContent = "";
    const atHand = document.activeElement;
    el("call").disabled = false;
    el("hangup").disabled = true;
    document.querySelectorAll("[data-key]").forEach((key) => { key.disabled = true; });
    if (atHand && atHand.closest(".handset") && atHand.disabled) el("call").focus();
  };

  const press = (key) => {
    if (!mine) return;
    el("typed").textContent += key;
    post(`calls/${mine}/press`, { keys: key });
  };

  el("call").addEventListener("click", async () => {
    audio.load(); // a sound may start by itself once the button was pressed
    const answer = await post("dial", { from: el("from").value.trim(), to: el("to").value });
    const made = await answer.json();
    if (answer.ok) take(made.callSid, word("ringing"));
    else el("state").textContent = made.error;
  });
  el("hangup").addEventListener("click", () => mine && post(`calls/${mine}/hangup`));
  document.querySelectorAll("[data-key]").forEach((key) => key.addEventListener("click", () => press(key.dataset.key)));
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9*#]$/.test(event.key)) press(event.key);
  });
  el("clear").addEventListener("click", () => {
    el("trace").replaceChildren();
    el("notrace").hidden = false;
  });
  el("sound").addEventListener("click", () => {
    audio.muted = !audio.muted;
    el("sound").setAttribute("aria-pressed", String(!audio.muted));
    if (audio.muted && window.speechSynthesis) window.speechSynthesis.cancel();
  });

  const ended = new Set(["completed", "busy", "no-answer", "failed", "canceled"]);
  const hears = (line) => {
    if (line.kind === "play") {
      el("heard").textContent = `♪ ${line.what}`;
      sound(line.url);
    } else if (line.kind === "say") {
      audio.pause();
      el("heard").textContent = `“${line.what}”`;
      speak(line.what);
    } else if (line.kind === "record" && line.what === "began") {
      silence();
      el("heard").textContent = texts.speak;
    } else if (line.kind === "ringback") {
      el("heard").textContent = `${texts["kind.ringback"]}: ${line.what}`;
    } else if (line.kind === "stop" || line.kind === "pause" || line.kind === "gathered") {
      silence();
    } else if (line.kind === "talk") {
      silence();
      el("heard").textContent = line.what === "met" ? `☎ ${line.with}` : texts.silence;
    } else if (line.kind === "status") {
      if (ended.has(line.status)) drop(line.status);
      else {
        if (line.status === "in-progress") since = Date.now();
        el("state").textContent = word(line.status);
      }
    }
  };

  const elsewhere = (sid) => el("mine").checked && sid !== (mine || last);
  const tell = teller(texts, document.documentElement.lang, (url) => sound(url));
  const trace = (line) => {
    el("notrace").hidden = true;
    const list = el("trace");
    const item = tell(line);
    item.hidden = elsewhere(line.call);
    list.prepend(item);
    while (list.children.length > shown) list.lastChild.remove();
  };
  el("mine").addEventListener("change", () => {
    [...el("trace").children].forEach((item) => { item.hidden = elsewhere(item.dataset.call); });
  });

  const message = (line) => {
    const id = `m-${line.sid}`;
    const known = document.getElementById(id);
    if (known) known.querySelector(".small").textContent = `${known.dataset.to} · ${word(line.status)}`;
    else if (line.body) {
      el("nomessages").hidden = true;
      el("messages").prepend(
        make("li", { id, "data-to": line.to }, make("div", {}, line.body), make("div", { class: "small" }, `${line.to} · ${word(line.status)}`)),
      );
    }
  };

  const ring = (call) => {
    const does = (what, name, style) => make("button", {
      type: "button",
      class: style || "",
      onclick: async () => {
        if (what === "answer") take(call.sid, word("in-progress"));
        await post(`calls/${call.sid}/${what}`);
      },
    }, name);
    const answer = does("answer", texts.answer, "go");
    answer.disabled = mine !== null;
    return make("li", { class: "ringing", "data-number": call.to }, make("strong", {}, call.to), ` ← ${call.from}`,
      make("div", { class: "row" }, answer, does("busy", texts.busy), does("no-answer", texts.noanswer), does("machine", texts.machine)));
  };

  const refresh = async () => {
    refreshing = null;
    const calls = await (await fetch("/phonesim/calls")).json();
    const rings = calls.filter((call) => call.byHand && call.status === "ringing" && call.direction !== "inbound");
    el("rings").replaceChildren(...rings.map(ring));
    el("norings").hidden = rings.length > 0;
    el("live").replaceChildren(...calls.map((call) => make("li", {}, call.to ? `${call.from} → ${call.to}` : call.from,
      make("div", { class: "small" }, [
        word(call.status),
        call.queue && `${texts.queue}: ${call.queue}`,
        call.conference && `${texts.conference}: ${call.conference}`,
        call.talksWith.length && `☎ ${call.talksWith.join(", ")}`,
      ].filter(Boolean).join(" · ")))));
    el("nolive").hidden = calls.length > 0;
  };
  const soon = () => { refreshing = refreshing || setTimeout(() => refresh().catch(() => {}), 150); };

  const events = new EventSource("/phonesim/events");
  const line = (event, now) => {
    const data = JSON.parse(event.data);
    trace(data);
    if (data.kind === "message") message(data);
    if (!now) return;
    recent.push(data);
    if (recent.length > 100) recent.shift();
    if (mine && data.call === mine) hears(data);
    if (["status", "queue", "conference", "talk"].includes(data.kind)) soon();
  };
  events.addEventListener("line", (event) => line(event, true));
  events.addEventListener("past", (event) => line(event, false));
  events.onopen = () => { el("lost").hidden = true; soon(); };
  events.onerror = () => { el("lost").hidden = false; };

  setInterval(() => {
    if (since === null) return;
    const seconds = Math.floor((Date.now() - since) / 1000);
    el("timer").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
  }, 500);
})();
