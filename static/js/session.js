// Says two minutes before that the session will end, and lets somebody say that they are still there.

const { session, left: atFirst } = document.body.dataset;
const WARN = 120;
let timer;
let note;

const touched = () => [...document.querySelectorAll("main textarea, main input:not([type=hidden])")]
  .some((field) => field.type === "radio" || field.type === "checkbox"
    ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);

function wait(left) {
  clearTimeout(timer);
  timer = setTimeout(look, Math.max(left > WARN ? left - WARN : left, 1) * 1000);
}

function show(words, button) {
  note?.remove();
  note = document.createElement("div");
  note.className = "bar wrap session-note";
  note.setAttribute("role", "alert");
  note.append(Object.assign(document.createElement("p"), { textContent: words }));
  if (button) {
    const press = Object.assign(document.createElement("button"), { textContent: button, className: "button second", type: "button" });
    press.addEventListener("click", stay);
    note.append(press);
  }
  document.body.append(note);
}

async function stay() {
  const token = document.querySelector("input[name=csrf_token]").value;
  await fetch(session, { method: "POST", headers: { "X-CSRFToken": token }, credentials: "same-origin" });
  await look();
}

let last = {};

async function look() {
  try {
    const answer = await fetch(session, { credentials: "same-origin", redirect: "manual" });
    last = answer.ok ? await answer.json() : { ...last, left: 0 };
  } catch {
    return wait(30);
  }
  if (last.left > WARN) {
    note?.remove();
    return wait(last.left);
  }
  if (last.left > 0) {
    show(last.warning, last.button);
    return wait(last.left);
  }
  if (!touched()) return location.reload();
  if (last.ended) show(last.ended);
}

wait(Number(atFirst));
