// v leads to the views of the column, arrows along them, Enter opens one.
(() => {
  "use strict";
  const column = document.querySelector("[data-views]");
  if (!column) return;
  const links = () => [...column.querySelectorAll(".views__view")];
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || window.staff.typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const all = links(), at = all.indexOf(document.activeElement);
    let next = null;
    if (event.code === "KeyV") next = column.querySelector("[aria-current]") || all[0];
    else if (at >= 0 && event.key === "ArrowDown") next = all[Math.min(all.length - 1, at + 1)];
    else if (at >= 0 && event.key === "ArrowUp") next = all[Math.max(0, at - 1)];
    if (!next || !next.getClientRects().length) return;
    event.preventDefault();
    next.focus();
  });
})();
