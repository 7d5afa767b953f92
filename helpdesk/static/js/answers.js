// Typing narrows the list of canned answers; without this it is a plain list.
(() => {
  "use strict";
  const box = document.querySelector("[data-answers]");
  if (!box) return;
  const list = box.querySelector("select");
  const fold = (text) => text.toLowerCase().replace(/[әғқңөұүһіё]/g, (letter) => "агкноуухие"["әғқңөұүһіё".indexOf(letter)]);
  const all = [...list.options].map((option) => ({ option, words: ` ${fold(option.textContent)}` }));
  const typed = document.createElement("input");
  typed.type = "search";
  typed.className = "field__input";
  typed.setAttribute("aria-label", list.labels[0].textContent.trim());
  typed.setAttribute("aria-controls", list.id);
  list.before(typed);
  typed.addEventListener("input", () => {
    const wanted = fold(typed.value).split(/\s+/).filter(Boolean);
    const found = all.filter(({ option, words }) => option.value && wanted.every((word) => words.includes(` ${word}`)));
    list.replaceChildren(...(wanted.length ? found : all).map(({ option }) => option));
    list.selectedIndex = list.options.length ? 0 : -1;
  });
  typed.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey) return;
    event.preventDefault();
    if (list.value) box.querySelector("button").click();
  });
})();
