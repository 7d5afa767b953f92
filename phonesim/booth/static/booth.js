"use strict";
(() => {
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const el = (id) => document.getElementById(id);
  const audio = el("audio");
  const shown = 300;
  let mine = null; // the call on this handset
  let since = null;
  let refreshing = null;

  const post = (path, body) =>
    fetch(`/phonesim/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
  const word = (status) => texts[`status.${status}`] || status;

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => {
      if (name === "onclick") node.addEventListener("click", value);
      else node.setAttribute(name, value);
    });
    node.append(...children);
    return node;
  };

  const silence = () => {
    audio.pause();
    audio.removeAttribute("src");
    el("heard").textContent = texts.silence;
  };

  const take = (sid, state) => {
    mine = sid;
    since = null;
    el("typed").textContent = "";
    el("state").textContent = state;
    el("call").disabled = true;
    el("hangup").disabled = false;
    document.querySelectorAll("[data-key]").forEach((key) => { key.disabled = false; });
  };

  const drop = (status) => {
    mine = null;
    since = null;
    silence();
    el("state").textContent = status ? word(status) : texts.onhook;
    el("timer").textContent = "";
    el("call").disabled = false;
    el("hangup").disabled = true;
    document.querySelectorAll("[data-key]").forEach((key) => { key.disabled = true; });
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
  el("clear").addEventListener("click", () => el("trace").replaceChildren());

  const ended = new Set(["completed", "busy", "no-answer", "failed", "canceled"]);
  const hears = (line) => {
    if (line.kind === "play") {
      el("heard").textContent = `♪ ${line.what}`;
      audio.src = `/phonesim/audio?url=${encodeURIComponent(line.url)}`;
      audio.play().catch(() => {});
    } else if (line.kind === "say") {
      audio.pause();
      el("heard").textContent = `“${line.what}”`;
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

  const trace = (line) => {
    const bad = line.kind === "alert" || line.failure;
    const head = [make("time", {}, line.at.slice(11, 19)), make("b", {}, line.kind)];
    let item;
    if (line.kind === "webhook") {
      const url = new URL(line.url);
      head.push(`${line.method} ${url.pathname}${url.search} → ${line.failure || line.status}, ${line.ms} ms`);
      const params = Object.entries(line.params).map(([name, value]) => `${name} = ${value}`).join("\n");
      item = make("li", {}, make("details", {}, make("summary", {}, ...head), make("pre", {}, params)));
      if (line.body) item.firstChild.append(make("pre", {}, line.body));
    } else {
      const rest = Object.entries(line).filter(([name, value]) => !["n", "at", "kind", "call", "url", "sid"].includes(name) && value !== "" && value !== null);
      head.push(rest.map(([name, value]) => `${name}: ${value}`).join(", "));
      item = make("li", {}, ...head);
    }
    if (bad) item.classList.add("bad");
    const list = el("trace");
    list.prepend(item);
    while (list.children.length > shown) list.lastChild.remove();
  };

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
    el("live").replaceChildren(...calls.map((call) => make("li", {}, `${call.from} → ${call.to || "·"}`,
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
