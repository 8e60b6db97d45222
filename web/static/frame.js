// What stands around every page: search by key, questions in a dialog, toasts, buttons that show that
// they were pressed, the banner for a dead network, a training that ends while one looks elsewhere.

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
const finder = () => document.getElementById("find");

function closeFound() {
  const found = document.getElementById("found");
  if (found) found.replaceChildren();
}

// The links of the results are gone through by arrow keys, from the field on.
function stepThrough(event) {
  const links = [...document.querySelectorAll("#found a")];
  const place = [finder(), ...links];
  const now = place.indexOf(document.activeElement);
  if (now < 0 || links.length === 0) return;
  const next = event.key === "ArrowDown" ? now + 1 : now - 1;
  place[Math.min(Math.max(next, 0), place.length - 1)].focus();
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !typing(event.target) && !event.ctrlKey && !event.metaKey && finder()) {
    finder().focus();
    finder().select();
    event.preventDefault();
  } else if (event.key === "Escape" && event.target.closest(".find")) {
    finder().focus();
    closeFound();
  } else if (event.key === "Escape") {
    const open = event.target.closest("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  } else if (["ArrowDown", "ArrowUp"].includes(event.key) && event.target.closest(".find")) {
    stepThrough(event);
  }
});

document.addEventListener("click", (event) => {
  if (!event.target.closest(".find")) closeFound();
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// What was typed into a search before HTMX listened to it is looked for all the same. HTMX begins by a
// timer that it set before this one.
window.addEventListener("load", () => setTimeout(() => {
  const field = document.activeElement;
  if (field.matches("input[hx-get]") && field.value !== field.defaultValue) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}));

// A question: its address gives the form, which stands in a dialog in place of a page.
const dialog = () => document.getElementById("ask");

async function ask(link) {
  const headers = { "HX-Request": "true", "HX-Target": "dialog#ask" };
  let answer;
  try {
    answer = await fetch(link.href, { headers });
  } catch {
    answer = null;
  }
  if (!answer?.ok) {
    location.assign(link.href);
    return;
  }
  dialog().innerHTML = await answer.text();
  htmx.process(dialog());
  const asked = dialog().querySelector("form");
  for (const [name, value] of link.askedAlong ?? []) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    asked.append(field);
  }
  dialog().showModal();
  dialog().querySelector("[data-back]").focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-ask]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    ask(link);
  }
  if (event.target === dialog() || (dialog()?.open && event.target.closest("[data-back]"))) {
    event.preventDefault();
    dialog().close();
  }
});

// Focus goes back to what asked by itself: the dialog is modal.
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (dialog()?.contains(ctx.sourceElement) && !ctx.keepIndicators) dialog().close();
});

// Pressed at once: the button shows it before anything has been asked.
const press = (button) => button?.classList.add("pressed");

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented || event.target.closest("[hx-post], [hx-get]")) press(event.submitter);
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.keepIndicators) return;
  ctx.sourceElement.querySelectorAll?.(".pressed").forEach((one) => one.classList.remove("pressed"));
  ctx.sourceElement.classList?.remove("pressed");
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll(".pressed").forEach((one) => one.classList.remove("pressed"));
});

// What was done is told at the edge of the page, with a way back; it goes by itself, unless read.
// One with a way back stays longer: whoever goes there by keyboard passes all that stands before it.
const STAYS = 10_000;
const STAYS_WITH_A_WAY_BACK = 60_000;

function leaveLater(toast) {
  const timer = setInterval(() => {
    if (toast.matches(":hover, :focus-within")) return;
    clearInterval(timer);
    toast.remove();
  }, toast.querySelector("form") ? STAYS_WITH_A_WAY_BACK : STAYS);
}

function told({ text, undo, href }) {
  const toast = document.getElementById("said-template").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = text;
  if (href) toast.querySelector("p").append(" ", Object.assign(document.createElement("a"), { href, textContent: "See it" }));
  if (undo) {
    const form = document.getElementById("undo-template").content.firstElementChild.cloneNode(true);
    form.action = undo.action;
    for (const [name, value] of Object.entries(undo.fields ?? {})) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    form.querySelector("button").textContent = undo.label ?? "Undo";
    toast.querySelector("[data-dismiss]").before(form);
  }
  document.getElementById("toasts").append(toast);
  leaveLater(toast);
}

document.addEventListener("mayfly:said", ({ detail }) => told(detail));
document.querySelectorAll("#toasts .toast.done").forEach(leaveLater);

// What a form answers with may be a question, too: of all rows that were chosen, say.
document.addEventListener("htmx:after:swap", () => {
  if (dialog()?.querySelector("form") && !dialog().open) {
    dialog().showModal();
    dialog().querySelector("[data-back]").focus();
  }
});
document.getElementById("ask")?.addEventListener("close", () => dialog().replaceChildren());
