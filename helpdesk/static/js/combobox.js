// Type-ahead for the markup of the combobox macro: asks data-source?q=… for [{value, text, hint}]. Without it the form still works.
(() => {
  "use strict";
  const attach = (box) => {
    const [input, hidden] = box.querySelectorAll("input");
    const list = box.querySelector("[role=listbox]");
    let options = [], at = -1, timer = 0, asked = 0;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);

    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    close();
    const mark = (to) => {
      at = to;
      [...list.children].forEach((item, place) => item.setAttribute("aria-selected", place === at));
      if (at < 0) return;
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    };
    const choose = (option) => {
      input.value = option.text;
      hidden.value = option.value;
      close();
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = (found) => {
      options = found;
      list.replaceChildren(...found.map((option, place) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${place}`;
        item.className = "combobox__option";
        item.setAttribute("role", "option");
        const words = document.createElement("span");
        words.textContent = option.text;
        item.append(words);
        if (option.hint) {
          const hint = document.createElement("span");
          hint.className = "combobox__hint";
          hint.textContent = option.hint;
          item.append(hint);
        }
        item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(option); });
        return item;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(!!found.length));
      mark(-1);
    };
    const ask = async () => {
      const mine = ++asked;
      const url = new URL(box.dataset.source, location.href);
      url.searchParams.set("q", input.value);
      try {
        const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
        const found = answer.ok ? await answer.json() : [];
        if (mine === asked) show(found);
      } catch { close(); }
    };
    input.addEventListener("input", () => {
      hidden.value = "";
      clearTimeout(timer);
      if (input.value.trim()) timer = setTimeout(ask, 150);
      else close();
    });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      const last = options.length - 1;
      if (event.key === "ArrowDown") mark(at === last ? 0 : at + 1);
      else if (event.key === "ArrowUp") mark(at <= 0 ? last : at - 1);
      else if (event.key === "Enter" && at >= 0) choose(options[at]);
      else if (event.key === "Escape") close();
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", () => { asked++; clearTimeout(timer); close(); });
  };
  const begin = (root) => root.querySelectorAll("[data-combobox]:not([data-ready])").forEach((box) => {
    box.dataset.ready = "";
    attach(box);
  });
  begin(document);
  document.addEventListener("htmx:load", (event) => begin(event.target.parentNode || document));
})();
