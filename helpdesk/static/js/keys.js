// One letter (or Shift and a letter: data-key="Shift+E") does what a button with data-key does; Ctrl+K finds everything marked data-action by its words.
// Letters are read by their place on the keyboard: the Kazakh and Russian layouts have others there.
(() => {
  "use strict";
  const letter = (event) => (/^Key[A-Z]$/.test(event.code) ? event.code[3].toLowerCase() : event.key);
  const named = (event) => (event.shiftKey && /^Key[A-Z]$/.test(event.code) ? `Shift+${event.code[3]}` : letter(event));
  const seen = (node) => node.getClientRects().length > 0 && !node.disabled;
  const fields = "textarea, select, input:not([type=hidden]), button";

  const activate = (node) => {
    if (node.matches("input, select, textarea")) { node.focus(); return; }
    if (node.tagName !== "SUMMARY") { node.click(); return; }
    const box = node.parentNode;
    box.open = true;
    box.scrollIntoView({ block: "nearest" });
    const first = box.querySelector(fields);
    if (first) first.focus();
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && letter(event) === "k") { event.preventDefault(); openPalette(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape") {
      document.querySelectorAll("[data-menu][open]").forEach((menu) => {
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
    if (window.staff.typing(event.target) || document.querySelector("dialog[open]")) return;
    const wanted = [...document.querySelectorAll(`[data-key="${CSS.escape(named(event))}"]`)].find(seen);
    if (wanted) { event.preventDefault(); activate(wanted); }
  });

  // an open menu closes when somebody goes on elsewhere
  document.addEventListener("click", (event) => {
    document.querySelectorAll("[data-menu][open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  const palette = document.getElementById("palette");
  const typed = document.getElementById("palette-typed");
  const list = document.getElementById("palette-list");
  let found = [], at = 0;

  const words = (node) => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll("kbd, .views__count").forEach((part) => part.remove());
    return copy.textContent.trim().replace(/\s+/g, " ");
  };
  const mark = (to) => {
    at = to;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === at)));
    if (found.length) {
      typed.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    } else typed.removeAttribute("aria-activedescendant");
  };
  const show = () => {
    const wanted = typed.value.trim().toLowerCase().split(/\s+/);
    found = [...document.querySelectorAll("[data-action], .top__link")]
      .filter((node) => seen(node) || node.closest("[data-menu]"))
      .map((node) => ({ node, text: words(node), key: node.dataset.key || "" }))
      .filter(({ text }) => wanted.every((word) => text.toLowerCase().includes(word)));
    list.replaceChildren(...found.map(({ text, key }, place) => {
      const item = document.createElement("li");
      item.id = `palette-${place}`;
      item.className = "palette__one";
      item.setAttribute("role", "option");
      item.textContent = text;
      if (key) { const mark = document.createElement("kbd"); mark.textContent = key; item.append(" ", mark); }
      item.addEventListener("click", () => choose(place));
      return item;
    }));
    mark(0);
  };
  const choose = (place) => {
    const one = found[place];
    palette.close();
    if (one) activate(one.node);
  };
  function openPalette() {
    typed.value = "";
    window.staff.open("palette");
    show();
    typed.focus();
  }
  typed.addEventListener("input", show);
  typed.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at >= found.length - 1 ? 0 : at + 1);
    else if (event.key === "ArrowUp") mark(at <= 0 ? found.length - 1 : at - 1);
    else if (event.key === "Enter") choose(at);
    else return;
    event.preventDefault();
  });
})();
