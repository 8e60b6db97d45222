// Where new content takes the place of what has the focus, the focus goes to what stands there now:
// the same button or link of the new content, else that content itself. So Tab goes on from there,
// and nobody begins anew at the head of the page.

let held = null;

const words = (element) => element.getAttribute("aria-label") ?? element.textContent.trim();
const isLost = () => !document.activeElement || document.activeElement === document.body;
const container = (id) => document.getElementById(id);

// The ids of what it is in, from the inside out: some of these are there after the swap, too.
function around(element) {
  const ids = [];
  for (let one = element.parentElement; one; one = one.parentElement) if (one.id) ids.push(one.id);
  return ids;
}

function hold() {
  const now = document.activeElement;
  if (isLost() || now.closest("dialog")) return;
  held = { tag: now.tagName, name: now.getAttribute("name"), said: words(now), places: around(now) };
}

function give() {
  if (!held || !isLost() || document.querySelector("dialog[open]")) return;
  const place = held.places.map(container).find(Boolean);
  const same = [...(place ?? document).querySelectorAll(held.tag)].find(
    (one) => one.getAttribute("name") === held.name && words(one) === held.said && one.getClientRects().length > 0,
  );
  if (!same && place && !place.hasAttribute("tabindex")) place.tabIndex = -1;
  (same ?? place)?.focus({ preventScroll: true });
  held = null;
}

document.addEventListener("htmx:before:swap", hold);
document.addEventListener("htmx:before:settle", give); // as soon as the new content is there
document.addEventListener("htmx:after:swap", give);
// What a dialog was asked from may be gone once it has been answered.
document.addEventListener("close", () => queueMicrotask(give), true);
