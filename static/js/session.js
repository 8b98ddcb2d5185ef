// Says two minutes before that the session will end, and lets somebody say that they are still there.

const note = document.querySelector("[data-session]");
const WARN = 120;
let timer;

const words = note.querySelector("[data-session-words]");
const form = note.querySelector("form");
const touched = () => [...document.querySelectorAll("main textarea, main input:not([type=hidden])")]
  .some((field) => field.type === "radio" || field.type === "checkbox"
    ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);

function wait(left) {
  clearTimeout(timer);
  timer = setTimeout(look, Math.max(left > WARN ? left - WARN : left, 1) * 1000);
}

async function look() {
  let left = 0;
  try {
    const answer = await fetch(note.dataset.session, { credentials: "same-origin", redirect: "manual" });
    if (answer.ok) ({ left } = await answer.json());
  } catch {
    return wait(30);
  }
  if (left > WARN) {
    note.hidden = true;
    return wait(left);
  }
  if (left > 0) {
    note.hidden = false;
    return wait(left);
  }
  if (!touched()) return location.reload();
  words.textContent = note.dataset.ended;
  form.querySelector("button").hidden = true;
  note.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" });
  await look();
});

wait(Number(note.dataset.left));
