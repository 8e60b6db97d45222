// The line between two classes moves with the slider: counts and costs follow at once. The form does the
// same without this, by its button.

const form = document.querySelector("form[data-thresholds]");
const counts = JSON.parse(form.dataset.thresholds); // [threshold, hits, false alarms, missed, rightly not]
const shown = document.querySelector(form.dataset.shows);
const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

// As `parse_cost` reads it, and in its words.
function flawOf(text, value) {
  const twoWays = /^([+-]?[1-9]\d{0,2}),(\d{3})$/.exec(text);
  if (twoWays) return `can be read in two ways: write ${twoWays[1]}${twoWays[2]} or ${twoWays[1]}.${twoWays[2]}`;
  if (!Number.isFinite(value)) return "must be a number";
  return value >= 0 && value < 1e12 ? "" : "must be 0 or more, and less than a million million";
}

function valueOf(text) {
  if (!/^[+-]?(\d[\d.,]*|[.,]\d+)(e[+-]?\d+)?$/i.test(text)) return NaN;
  if (/^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+$/.test(text)) return Number(text.replaceAll(".", "").replace(",", "."));
  const apart = /^[+-]?(\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,})$/.test(text);
  return Number(apart ? text.replaceAll(",", "") : text);
}

function price(name) {
  const field = form.elements[name];
  const text = field.value.trim() || "1";
  const value = valueOf(text);
  const flaw = flawOf(text, value);
  field.ariaInvalid = flaw ? "true" : null;
  document.getElementById(`${name}-flaw`).textContent = flaw && `${flaw}; until then 1 counts`;
  return flaw ? 1 : value;
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
