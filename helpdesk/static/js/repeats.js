// What came lately about the same is shown as soon as person, school or child is known; without this it is shown before filing.
(() => {
  "use strict";
  const form = document.querySelector("[data-repeats]");
  if (!form) return;
  const place = document.getElementById("repeats");
  const names = ["who", "who_text", "name", "school", "school_text", "pupil_note", "category", "category_text"];
  let timer = 0, asked = "";

  const ask = async () => {
    const given = new FormData(form);
    const url = new URL(form.dataset.repeats, location.href);
    names.forEach((name) => url.searchParams.set(name, given.get(name) || ""));
    if (url.href === asked) return;
    asked = url.href;
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
      // words of the house's own page; what is typed meanwhile is elsewhere in the form
      if (answer.ok && url.href === asked) place.innerHTML = await answer.text();
    } catch { asked = ""; }
  };
  const plan = () => { clearTimeout(timer); timer = setTimeout(ask, 250); };
  form.addEventListener("change", plan);
  form.addEventListener("focusout", plan);
})();
