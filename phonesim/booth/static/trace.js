"use strict";
// One line of the trace in the words of the page: what happened, to whom, and the documents behind it.

export const make = (tag, attributes, ...children) => {
  const node = document.createElement(tag);
  Object.entries(attributes || {}).forEach(([name, value]) => {
    if (name === "onclick") node.addEventListener("click", value);
    else node.setAttribute(name, value);
  });
  node.append(...children);
  return node;
};

const attribute = ({ name, value }) => [" ", make("span", { class: "name" }, name), "=", make("span", { class: "value" }, `"${value}"`)];

// A document with its verbs below each other, whatever way the application wrote it.
const verbs = (element, depth) => {
  const indent = "  ".repeat(depth);
  const tag = () => make("span", { class: "tag" }, element.tagName);
  const head = [`${indent}<`, tag(), ...[...element.attributes].flatMap(attribute)];
  const words = element.children.length ? "" : element.textContent.trim();
  if (!element.children.length && !words) return [...head, "/>\n"];
  if (words) return [...head, ">", make("span", { class: "words" }, words), "</", tag(), ">\n"];
  return [...head, ">\n", ...[...element.children].flatMap((child) => verbs(child, depth + 1)), `${indent}</`, tag(), ">\n"];
};

const pretty = (body) => {
  const parsed = new DOMParser().parseFromString(body, "text/xml");
  return parsed.querySelector("parsererror") ? [body] : verbs(parsed.documentElement, 0);
};

const table = (params) => make("dl", {}, ...Object.entries(params).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value || "—")]));

export const teller = (texts, lang, listen) => {
  const names = new Map(); // the telephone of each call
  const word = (group, key) => texts[`${group}.${key}`] || key;
  const clock = new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  const seconds = (number) => `${number.toLocaleString(lang)} ${texts.seconds}`;
  const also = (name, value) => (value === undefined || value === "" || value === null ? "" : `, ${texts[name]}: ${value}`);

  const said = {
    status: (line) => word("status", line.status),
    play: (line) => `♪ ${line.what}, ${seconds(line.seconds)}`,
    say: (line) => `“${line.what}”`,
    pause: (line) => seconds(line.seconds),
    tones: (line) => line.what,
    ringback: (line) => line.what,
    stop: () => "",
    gather: () => "",
    gathered: (line) => line.digits || texts.nothing,
    key: (line) => line.key,
    queue: (line) => `${line.queue}: ${word("what", line.what)}${also("place", line.position)}${line.waited === undefined ? "" : also("waited", seconds(line.waited))}`,
    conference: (line) => word("what", line.what),
    talk: (line) => [word("what", line.what), line.with].filter(Boolean).join(" ☎ "),
    record: (line) => word("what", line.what) + (line.seconds ? `, ${seconds(line.seconds)}` : ""),
    mute: (line) => word("what", line.muted ? "off" : "on"),
    amd: (line) => word("what", line.what),
    message: (line) => [line.to, word("status", line.status), line.body].filter(Boolean).join(" · "),
    alert: (line) => `${line.code}: ${line.message} ${line.url}`,
    fault: (line) => `${word("what", line.what)} ${line.url}`,
  };

  const asked = (line, head) => {
    head.push(`${line.method} ${line.path} → ${line.status}${line.lost ? " ✂" : ""}`);
    return make("details", {}, make("summary", {}, ...head), make("h3", {}, texts.params), table(line.params));
  };

  const webhook = (line, head) => {
    const url = new URL(line.url);
    head.push(`${line.method} ${url.pathname}${url.search} → ${line.failure || line.status}, ${line.ms} ms`);
    const inside = [make("h3", {}, texts.params), table(line.params)];
    if (line.body !== undefined) {
      const code = make("code", {}, ...(line.body ? pretty(line.body) : [texts.nodocument]));
      inside.push(make("h3", {}, texts.document), make("pre", { tabindex: "0" }, code));
    }
    return make("details", {}, make("summary", {}, ...head), ...inside);
  };

  return (line) => {
    if (line.kind === "status" && line.from !== undefined) names.set(line.call, line.queue_ms === undefined ? line.from : line.to);
    const head = [
      make("time", { datetime: line.at }, clock.format(new Date(line.at))), " ",
      make("b", {}, word("kind", line.kind)), " ",
      make("span", { class: "who" }, names.get(line.call) || ""), " ",
    ];
    const item = make("li", { "data-call": line.call, "data-kind": line.kind });
    if (line.kind === "webhook") item.append(webhook(line, head));
    else if (line.kind === "rest") item.append(asked(line, head));
    else {
      item.append(...head, make("span", {}, said[line.kind] ? said[line.kind](line) : ""));
      if (line.kind === "play") item.append(make("button", { type: "button", class: "again", "aria-label": `${texts.again}: ${line.what}`, onclick: () => listen(line.url) }, "▶"));
    }
    if (line.kind === "alert" || line.failure) item.classList.add("bad");
    return item;
  };
};
