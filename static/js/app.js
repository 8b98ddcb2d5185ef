// Everything works without it.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// A page restored after signing out must not show what it knew.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();

// Buttons that need script.
for (const button of all("[data-script]")) button.hidden = false;

function announce(button, words) {
  const place = document.getElementById(button.dataset.status);
  if (!place) return;
  place.textContent = "";
  requestAnimationFrame(() => { place.textContent = words; });
}

for (const button of all("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const lines = all("li", source).map((line) => line.textContent.trim());
    const text = lines.length ? lines.join("\n") : source.textContent.replace(/\s+/g, "");
    try {
      await navigator.clipboard.writeText(button.dataset.text || text);
      announce(button, button.dataset.done);
    } catch {
      getSelection().selectAllChildren(source);
      announce(button, button.dataset.failed);
    }
  });
}

for (const button of all("[data-print]")) button.addEventListener("click", () => print());

addEventListener("beforeprint", () => {
  for (const part of all("details:not([open])")) {
    part.dataset.closed = "";
    part.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const part of all("details[data-closed]")) {
    delete part.dataset.closed;
    part.open = false;
  }
});

for (const button of all("[data-show]")) {
  button.addEventListener("click", () => {
    const input = document.getElementById(button.dataset.show);
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

for (const input of all("input[type=file][data-echo]")) {
  input.addEventListener("change", () => {
    const place = document.getElementById(input.dataset.echo);
    place.textContent = [...input.files].map((file) => file.name).join(", ");
  });
}

// A large file takes the server a while.
for (const form of all("form[data-busy]")) {
  const note = form.querySelector("[data-busy-note]");
  form.addEventListener("submit", () => { note.hidden = false; });
  addEventListener("pagehide", () => { note.hidden = true; });
}

// Counts changed choices, and warns before they are lost.
for (const form of all("form[data-changes]")) {
  const place = form.querySelector("[data-changes-count]");
  let sending = false;
  const changed = () => {
    const names = new Set();
    for (const field of form.elements) {
      const differs = field.type === "radio" || field.type === "checkbox"
        ? field.checked !== field.defaultChecked
        : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
      if (differs) names.add(field.name);
    }
    return names.size;
  };
  const show = () => {
    const count = changed();
    const words = { 0: form.dataset.none, 1: form.dataset.one };
    if (place) place.textContent = words[count] ?? form.dataset.many.replace("{n}", count);
  };
  form.addEventListener("change", show);
  form.addEventListener("submit", () => { sending = true; });
  addEventListener("beforeunload", (event) => {
    if (!sending && changed()) event.preventDefault();
  });
}
