// A child is in danger: a banner on every page of a supervisor, a sound every few seconds, and the title of the tab, until
// somebody has taken the alarm. It is asked for when the page opens, when the house tells of one, and while events are away.
(() => {
  "use strict";
  const place = document.getElementById("alarms");
  if (!place) return;
  const { alarms, csrf, words } = place.dataset;
  const EVERY = 4000;
  const title = document.title;
  let sound = null, ringing = 0, asked = 0;

  // two tones, no file; a browser that was not touched yet keeps silent, the banner does not
  const tone = () => {
    try {
      sound = sound || new AudioContext();
      [[880, 0], [660, 0.22]].forEach(([pitch, after]) => {
        const voice = sound.createOscillator();
        const volume = sound.createGain();
        voice.frequency.value = pitch;
        volume.gain.value = 0.25;
        voice.connect(volume).connect(sound.destination);
        voice.start(sound.currentTime + after);
        voice.stop(sound.currentTime + after + 0.2);
      });
    } catch { /* no sound in this browser */ }
  };
  const ring = () => {
    tone();
    document.title = document.title === title ? `! ${words} !` : title;
  };

  const draw = (html) => {
    const held = place.contains(document.activeElement);
    place.innerHTML = html;
    const open = place.querySelector("[data-alarm]");
    if (open && !ringing) {
      ring();
      ringing = setInterval(ring, EVERY);
    } else if (!open && ringing) {
      clearInterval(ringing);
      ringing = 0;
      document.title = title;
    }
    if (held && open) open.querySelector("button").focus();
  };
  const ask = async (url = alarms, options = {}) => {
    const mine = ++asked;
    const headers = { "X-Requested-With": "fetch", "X-CSRFToken": csrf };
    try {
      const answer = await fetch(url, { ...options, headers, credentials: "same-origin" });
      if (answer.ok && mine === asked) draw((await answer.text()).trim());
    } catch { /* away for a moment: the next event or poll asks again */ }
  };

  place.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-alarm-form]");
    if (!form) return;
    event.preventDefault();
    ask(form.action, { method: "POST", body: new FormData(form) });
  });
  document.addEventListener("house:event", ({ detail }) => { if (detail.kind.startsWith("alarm.")) ask(); });
  document.addEventListener("house:poll", () => ask());
  ask();
})();
