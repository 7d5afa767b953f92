// The results by keyboard: j k along the lines, as on the board; Enter opens what has the focus.
(() => {
  "use strict";
  const links = [...document.querySelectorAll("[data-found-link]")];
  const step = (by) => {
    const at = links.indexOf(document.activeElement);
    const next = links[Math.min(links.length - 1, Math.max(0, at + by))];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || window.staff.typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.code === "KeyJ") step(1);
    else if (event.code === "KeyK") step(-1);
    else return;
    event.preventDefault();
  });
  const errors = document.getElementById("errors");
  if (errors) errors.focus();
})();
