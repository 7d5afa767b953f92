// Articles that fit what is being written: shown beside the reply and under the form of a call; one click puts one into the reply.
(() => {
  "use strict";
  document.querySelectorAll("[data-articles]").forEach((place) => {
    const form = place.closest("form");
    const reply = form.querySelector("textarea[name=body]");
    const names = ["category", "category_text", "school", "school_text", "text"];
    let timer = 0, asked = "";

    const ask = async () => {
      const url = new URL(place.dataset.articles, location.href);
      if (reply) url.searchParams.set("q", reply.value.slice(-500));
      else names.forEach((name) => url.searchParams.set(name, (form.elements[name]?.value || "").slice(0, 500)));
      if (url.href === asked) return;
      asked = url.href;
      try {
        const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
        if (!answer.ok || url.href !== asked) return;
        // words of the house's own page
        place.innerHTML = await answer.text();
        if (reply) place.querySelectorAll("[data-insert]").forEach((button) => { button.hidden = false; });
      } catch { asked = ""; }
    };
    const plan = (after) => { clearTimeout(timer); timer = setTimeout(ask, after); };

    place.addEventListener("click", (event) => {
      const button = event.target.closest("[data-insert]");
      if (!button || !reply) return;
      const before = reply.value.slice(0, reply.selectionEnd), after = reply.value.slice(reply.selectionEnd);
      const gap = before && !before.endsWith("\n") ? "\n\n" : "";
      reply.value = before + gap + button.dataset.insert + (after ? `\n\n${after.trimStart()}` : "");
      reply.dispatchEvent(new Event("input", { bubbles: true }));
      reply.focus();
    });
    form.addEventListener("input", () => plan(900));
    form.addEventListener("change", () => plan(250));
    const fold = place.closest("details");
    if (!fold) return;
    fold.addEventListener("toggle", () => { if (fold.open) plan(0); });
    if (fold.open) plan(0);
  });
})();
