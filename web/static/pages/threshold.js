// The line between two classes moves with the slider: counts and costs follow at once. The form does the
// same without this, by its button.

const form = document.querySelector("form[data-thresholds]");
const counts = JSON.parse(form.dataset.thresholds); // [threshold, hits, false alarms, missed, rightly not]
const shown = document.querySelector(form.dataset.shows);
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

function price(name) {
  const value = Number(form.elements[name].value.trim().replace(",", "."));
  return form.elements[name].value.trim() && Number.isFinite(value) && value >= 0 ? value : 1;
}

const cost = ([, , alarms, missed], each, alarm) => missed * each + alarms * alarm;

function tell(name, text) {
  shown.querySelectorAll(`[data-told="${name}"]`).forEach((place) => { place.textContent = text; });
}

function follow() {
  const [missing, alarm] = [price("missed"), price("alarm")];
  const at = counts[Number(form.elements.at.value)];
  const [threshold, hits, alarms, missed, rightly] = at;
  const costs = counts.map((one) => cost(one, missing, alarm));
  const cheapest = costs.indexOf(Math.min(...costs));
  const rows = hits + alarms + missed + rightly;
  tell("threshold", short.format(threshold));
  tell("hits", whole.format(hits));
  tell("alarms", whole.format(alarms));
  tell("missed", whole.format(missed));
  tell("rightly", whole.format(rightly));
  tell("right", `${whole.format(hits + rightly)} of ${whole.format(rows)}`);
  tell("cost", short.format(cost(at, missing, alarm)));
  tell("cheapest", short.format(counts[cheapest][0]));
  tell("least", short.format(costs[cheapest]));
  form.elements.at.setAttribute("aria-valuetext", `from ${short.format(threshold)} on`);
}

form.addEventListener("input", follow);
form.addEventListener("submit", (event) => { event.preventDefault(); follow(); });
form.querySelector("[data-follows]").hidden = true; // the button of those without scripts
follow();
