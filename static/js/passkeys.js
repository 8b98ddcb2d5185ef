// Asks the device for a passkey and puts its answer in a plain field of a form. Without it everything else works.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

let waiting = null;

async function options(button) {
  const token = button.closest("form").elements.csrf_token.value;
  const answer = await fetch(button.dataset.ask, {
    method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin",
  });
  if (!answer.ok) throw Object.assign(new Error(String(answer.status)), await answer.json().catch(() => ({})));
  return answer.json();
}

function wire(credential) {
  const { response } = credential;
  const fields = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    fields.attestationObject = text(response.attestationObject);
    fields.transports = response.getTransports?.() ?? [];
  } else {
    fields.authenticatorData = text(response.authenticatorData);
    fields.signature = text(response.signature);
    if (response.userHandle) fields.userHandle = text(response.userHandle);
  }
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(), response: fields,
  });
}

async function ask(button, extra = {}) {
  const publicKey = await options(button);
  publicKey.challenge = bytes(publicKey.challenge);
  if (button.dataset.passkey === "make") {
    publicKey.user.id = bytes(publicKey.user.id);
    publicKey.excludeCredentials = known(publicKey.excludeCredentials);
    return navigator.credentials.create({ publicKey, ...extra });
  }
  publicKey.allowCredentials = known(publicKey.allowCredentials);
  return navigator.credentials.get({ publicKey, ...extra });
}

function hand(button, credential) {
  const form = button.closest("form");
  form.elements[button.dataset.field].value = wire(credential);
  form.submit();
}

async function tap(button) {
  const place = button.parentElement.querySelector("[data-passkey-status]");
  const say = (words) => { if (place) { place.hidden = false; place.textContent = words; } };
  waiting?.abort();
  waiting = null;
  button.disabled = true;
  say(place?.dataset.busy ?? "");
  try {
    hand(button, await ask(button));
  } catch (error) {
    button.disabled = false;
    const page = error.page ?? button.dataset.failed;
    if (page) location.assign(page);
    else say(place?.dataset.cancelled ?? "");
  }
}

// The list of names that the browser offers in the first field may hold passkeys too. A challenge stands five minutes.
async function offer(button) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  const mine = waiting = new AbortController();
  const { signal } = mine;
  setTimeout(() => {
    if (waiting !== mine) return;
    mine.abort();
    offer(button);
  }, 240_000);
  try {
    hand(button, await ask(button, { mediation: "conditional", signal }));
  } catch {
    // Nothing was chosen; the page works as it is.
  }
}

const able = "credentials" in navigator && "PublicKeyCredential" in window;
for (const part of document.querySelectorAll("[data-no-passkey]")) part.hidden = able;
for (const part of document.querySelectorAll("[data-with-passkey]")) part.hidden = !able;
for (const button of able ? document.querySelectorAll("[data-passkey]") : []) {
  button.hidden = false;
  button.addEventListener("click", () => tap(button));
  if ("offer" in button.dataset) offer(button);
}
