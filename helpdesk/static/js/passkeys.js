// Forms that a passkey answers: data-passkey="create" or "get", data-options where the question is asked. Without it they stay hidden.
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
  };
  const text = (buffer) => {
    if (!buffer) return null;
    const plain = String.fromCharCode(...new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const question = (options, creates) => {
    const asked = { ...options, challenge: bytes(options.challenge) };
    if (creates) {
      asked.user = { ...options.user, id: bytes(options.user.id) };
      asked.excludeCredentials = described(options.excludeCredentials);
    } else {
      asked.allowCredentials = described(options.allowCredentials);
    }
    return { publicKey: asked };
  };
  const answer = (made) => {
    const said = made.response;
    return JSON.stringify({
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      clientExtensionResults: {},
      response: {
        clientDataJSON: text(said.clientDataJSON),
        attestationObject: text(said.attestationObject) || undefined,
        authenticatorData: text(said.authenticatorData) || undefined,
        signature: text(said.signature) || undefined,
        userHandle: text(said.userHandle) || undefined,
      },
    });
  };
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    const creates = form.dataset.passkey === "create";
    const says = form.querySelector("[role=status]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      says.textContent = says.className = "";
      try {
        const headers = { "X-CSRFToken": form.elements.csrf_token.value, "X-Requested-With": "fetch" };
        const asked = await fetch(form.dataset.options, { method: "POST", headers });
        const options = await asked.json();
        if (!asked.ok) throw new Error(options.error || "");
        const way = question(options, creates);
        const made = creates ? await navigator.credentials.create(way) : await navigator.credentials.get(way);
        form.elements.answer.value = answer(made);
        form.submit();
      } catch (problem) {
        says.className = "field__error";
        says.textContent = form.dataset.failed;
      }
    });
  });
})();
