// Pictures become charts to look into: each figure with `data-chart` names a Vega-Lite document, which is
// drawn in place of the picture. Without this, or where it fails, the picture stays.

const dark = matchMedia("(prefers-color-scheme: dark)");
const drawn = new Map();

async function draw(place) {
  const address = dark.matches ? place.dataset.dark : place.dataset.chart;
  const answer = await fetch(address);
  if (!answer.ok) return;
  const spec = await answer.json();
  const room = place.clientWidth;
  if (typeof spec.width === "number") spec.width = Math.max(180, Math.min(spec.width * 1.25, room - 110));
  const live = place.querySelector(".live");
  const options = {
    mode: "vega-lite",
    actions: false,
    ast: true, // expressions are interpreted: the page's policy lets nothing be evaluated
    renderer: "svg",
    defaultStyle: false,
    tooltip: { disableDefaultStyle: true },
    loader: { load: () => Promise.reject(new Error("A chart loads nothing.")) },
  };
  drawn.get(place)?.finalize();
  drawn.set(place, await vegaEmbed(live, spec, options));
  live.querySelector("svg, canvas")?.setAttribute("aria-hidden", "true");
  place.classList.add("drawn");
}

// Only what comes near the window is drawn.
const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    draw(target);
  }
}, { rootMargin: "300px" });

document.querySelectorAll("[data-chart]").forEach((place) => seen.observe(place));
dark.addEventListener("change", () => [...drawn.keys()].forEach(draw));
