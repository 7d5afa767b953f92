// How far the work on many tickets is: asked for while it runs, drawn in place, and left alone when somebody uses it.
(() => {
  "use strict";
  const again = async () => {
    const box = document.getElementById("bulk");
    if (!box || box.dataset.bulk !== "running") return;
    if (!document.hidden && !box.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = page.getElementById("bulk");
        if (next) box.replaceWith(next);
      } catch { /* asked again */ }
    }
    setTimeout(again, 1000);
  };
  setTimeout(again, 1000);
})();
