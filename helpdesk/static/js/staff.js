// What every staff page has: dialogs, toasts, the keys ? / and Esc, folding the person away, timers that move.
// window.staff.toast(words, kind) is for the pages' own scripts.
(() => {
  "use strict";
  const typing = (node) => node.matches("input, textarea, select, [contenteditable]");

  const open = (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };

  const toast = (words, kind = "quiet", seconds = 8) => {
    const box = document.createElement("div");
    box.className = `toast toast--${kind}`;
    const text = document.createElement("span");
    text.textContent = words;
    const cross = document.createElement("button");
    cross.type = "button";
    cross.className = "button button--plain button--small";
    cross.textContent = "✕";
    cross.setAttribute("aria-label", document.body.dataset.wordsClose);
    cross.dataset.dismiss = "";
    box.append(text, cross);
    document.getElementById("toasts").append(box);
    // What went wrong stays until it was read.
    if (kind !== "breach") setTimeout(() => box.remove(), seconds * 1000);
    return box;
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) open(opener.dataset.opens);
    const dismisser = event.target.closest("[data-dismiss]");
    if (dismisser) dismisser.parentNode.remove();
    const folder = event.target.closest("[data-folds]");
    if (folder) {
      const shown = document.querySelector(".workspace").classList.toggle(`workspace--${folder.dataset.folds}`);
      folder.setAttribute("aria-expanded", String(shown));
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") open("keys");
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });

  const two = (number) => String(number).padStart(2, "0");
  const words = document.body.dataset;
  // The server writes the units of its language; the moving part is hours and minutes, which need none.
  const tick = () => {
    const now = Date.now() / 1000;
    document.querySelectorAll("[data-due]").forEach((timer) => {
      const left = Number(timer.dataset.due) - now;
      const late = left <= 0 || "breached" in timer.dataset;
      const state = late ? "breach" : left <= Number(timer.dataset.amber) ? "amber" : "calm";
      if (!timer.classList.contains(`timer--${state}`)) {
        timer.className = `timer timer--${state}`;
        timer.querySelector(".shape").className = `shape shape--${state}`;
        timer.querySelector("[data-word]").textContent =
          state === "breach" ? words.wordsOverdue : state === "amber" ? words.wordsSoon : words.wordsLeft;
      }
      const minutes = Math.floor(Math.abs(left) / 60);
      if (minutes < 1440) timer.querySelector("[data-left]").textContent = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
    });
  };
  tick();
  setInterval(tick, 15000);

  // on a telephone the links of the top move sideways: the one of this page is in sight
  document.querySelector(".top__link[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  window.staff = { toast, open, typing };
})();
