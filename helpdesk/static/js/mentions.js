// "@" and the beginning of a name in a note: colleagues who may read the ticket are offered, and the name is written out.
(() => {
  "use strict";
  const TYPED = /(^|[^\p{L}\p{N}.])@([\p{L}][\p{L}\- ]{0,40}|)$/u;
  const attach = (area) => {
    const list = document.createElement("ul");
    list.className = "combobox__list mentions";
    list.id = `${area.id}-mentions`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", area.closest(".field").querySelector("label").textContent.trim());
    list.hidden = true;
    area.parentElement.classList.add("mentions__field");
    area.after(list);
    let found = [], at = -1, asked = 0, timer = 0;
    const close = () => {
      list.hidden = true;
      at = -1;
      area.removeAttribute("aria-activedescendant");
    };
    const typed = () => {
      const match = TYPED.exec(area.value.slice(0, area.selectionStart));
      return match ? match[2] : null;
    };
    const mark = (to) => {
      at = (to + found.length) % found.length;
      [...list.children].forEach((item, place) => item.setAttribute("aria-selected", place === at));
      area.setAttribute("aria-activedescendant", list.children[at].id);
    };
    const choose = (name) => {
      const end = area.selectionStart, from = end - (typed() ?? "").length;
      area.setRangeText(`${name} `, from, end, "end");
      close();
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const ask = async () => {
      const mine = ++asked, words = typed();
      if (words === null) return close();
      const url = new URL(area.dataset.mentions, location.href);
      url.searchParams.set("q", words);
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
      if (!answer || !answer.ok || mine !== asked || typed() === null) return;
      found = await answer.json();
      list.replaceChildren(...found.map((one, place) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${place}`;
        item.className = "combobox__option";
        item.setAttribute("role", "option");
        item.textContent = one.text;
        item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(one.text); });
        return item;
      }));
      list.hidden = !found.length;
      if (found.length) mark(0); else close();
    };
    area.addEventListener("input", () => {
      clearTimeout(timer);
      if (typed() === null) close(); else timer = setTimeout(ask, 120);
    });
    area.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      const moves = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in moves) mark(at + moves[event.key]);
      else if ((event.key === "Enter" && !event.ctrlKey) || event.key === "Tab") choose(found[at].text);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    }, true);
    area.addEventListener("blur", close);
  };
  document.querySelectorAll("[data-mentions]").forEach(attach);
})();
