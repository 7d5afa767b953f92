// The bell counts anew when something named me, and when this page comes to the front after a while.
(() => {
  "use strict";
  const bell = document.querySelector("[data-bell]");
  if (!bell) return;
  const WAIT = 4000, STALE = 60000;
  let timer = 0, asked = Date.now();
  const count = async () => {
    timer = 0;
    asked = Date.now();
    const answer = await fetch(bell.dataset.bell, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const told = await answer.json();
    let badge = bell.querySelector("[data-bell-count]");
    if (told.count === "0") { if (badge) badge.remove(); }
    else {
      if (!badge) {
        badge = document.createElement("span");
        badge.className = "bell__count";
        badge.dataset.bellCount = "";
        bell.append(badge);
      }
      badge.textContent = told.count;
    }
    bell.setAttribute("aria-label", told.label);
    bell.title = told.label;
  };
  const soon = () => { timer = timer || setTimeout(count, WAIT); };
  // facts that concern somebody carry an id of staff; what a ticket hears of is told to its holder a moment later
  document.addEventListener("house:event", ({ detail }) => {
    if (/^ticket\./.test(detail.kind) && Object.keys(detail).some((name) => name.endsWith("staff_id"))) soon();
  });
  addEventListener("visibilitychange", () => { if (!document.hidden && Date.now() - asked > STALE) soon(); });
})();
