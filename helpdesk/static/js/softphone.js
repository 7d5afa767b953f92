// The operator's telephone in the browser: one interface, two makers.
//   softphone(config) -> Promise of { connect({offer}), hangUp(), mute(flag), digits("12#"), listen(fn) }
// listen(fn): fn(state, detail) with "connecting", "talking", "disconnected", "lost"; detail says why it was lost:
// "microphone", "microphoneBusy", "pass", "callee", "network".
// config is the answer of /calls/softphone-token; renew() fetches a new one when a pass runs out.
(() => {
  "use strict";

  const speaker = () => {
    const listeners = [];
    return {
      listen: (listener) => listeners.push(listener),
      say: (state, detail) => listeners.forEach((listener) => listener(state, detail)),
    };
  };

  // phonesim: what the voice SDK does with WebRTC, over POST and server-sent events. A call survives a change of page
  // because the network waits some seconds for this stream to come back.
  const simulated = (config) => {
    const { listen, say } = speaker();
    const base = `${config.url.replace(/\/$/, "")}/phonesim/softphone/${encodeURIComponent(config.identity)}`;
    const post = (verb, body = {}) =>
      fetch(`${base}/${verb}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }).then((answer) => { if (!answer.ok && answer.status !== 409) throw new Error(`softphone: ${answer.status}`); });
    const stream = new EventSource(`${base}/events`);
    const names = { connecting: "connecting", connected: "connecting", talking: "talking", disconnected: "disconnected" };
    Object.entries(names).forEach(([name, state]) => stream.addEventListener(name, () => say(state)));
    stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) say("lost", "network"); });
    addEventListener("pagehide", () => stream.close());
    return {
      listen,
      connect: (params) => post("connect", params),
      hangUp: () => post("hangup"),
      mute: (muted) => post("mute", { muted }),
      digits: (digits) => post("digits", { digits }),
    };
  };

  // The voice SDK's error codes that somebody at a desk can do something about; all others are the network's.
  const REASONS = {
    31401: "microphone", 31402: "microphoneBusy",
    20101: "pass", 20104: "pass", 31204: "pass", 31205: "pass",
    31480: "callee", 31486: "callee", 31603: "callee",
  };
  const reasonOf = (error) => REASONS[error.code] || "network";

  // Twilio's voice SDK, when its file is loaded beside this one: the call lives in this page, so leaving it is asked about.
  const twilio = (config, renew) => {
    const { listen, say } = speaker();
    const device = new window.Twilio.Device(config.token, {
      closeProtection: true,
      codecPreferences: ["opus", "pcmu"],
      edge: ["frankfurt", "roaming"],
      maxCallSignalingTimeoutMs: 30000,
      enableImprovedSignalingErrorPrecision: true,
      tokenRefreshMs: 30000,
    });
    let active = null;
    device.on("tokenWillExpire", () => renew().then((fresh) => device.updateToken(fresh.token)));
    device.on("error", (error) => {
      if (reasonOf(error) === "pass") renew().then((fresh) => device.updateToken(fresh.token)).catch(() => {});
      say("lost", reasonOf(error));
    });
    return {
      listen,
      connect: async (params) => {
        say("connecting");
        active = await device.connect({ params });
        active.on("accept", () => say("talking"));
        active.on("disconnect", () => { active = null; say("disconnected"); });
        active.on("error", (error) => say("lost", reasonOf(error)));
      },
      hangUp: async () => active && active.disconnect(),
      mute: async (muted) => active && active.mute(muted),
      digits: async (digits) => active && active.sendDigits(digits),
    };
  };

  window.softphone = async (renew) => {
    const config = await renew();
    if (config.driver === "simulator") return simulated(config);
    if (config.driver === "twilio" && window.Twilio) return twilio(config, renew);
    return null;
  };
})();
