// A training that was watched tells when it ends: by the tab's title where it is shown, by a toast
// on any other page. Which were watched is remembered by the browser, for each workspace.

const EVERY = 10_000;
const TOLD = "● "; // before the title of a tab that was told something, until it is looked at
const workspace = document.body.getAttribute("hx-headers:inherited") ?? "";
const shelf = `mayfly.watched.${workspace}`;
const watched = () => JSON.parse(localStorage.getItem(shelf) ?? "[]");
const keep = (jobs) => localStorage.setItem(shelf, JSON.stringify([...new Set(jobs)].slice(-10)));

// What is live says in `data-title` what the tab is called, and in `data-job` what is watched. It
// may come by HTMX, by an event, or be changed in place.
function follow() {
  const live = document.querySelector("[data-title]");
  if (!live) return;
  const mark = document.title.startsWith(TOLD) ? TOLD : "";
  const title = `${mark}${live.dataset.title} · Mayfly`;
  if (document.title !== title) document.title = title;
  const { job } = live.dataset;
  if (job && live.hasAttribute("data-running")) keep([...watched(), job]);
  else if (job) keep(watched().filter((one) => one !== job));
}

function notice({ text, href }) {
  document.dispatchEvent(new CustomEvent("mayfly:said", { detail: { text, href } }));
  if (!document.title.startsWith(TOLD)) document.title = TOLD + document.title;
}

async function look() {
  const shown = document.querySelector("[data-title]")?.dataset.job;
  const jobs = watched().filter((job) => job !== shown);
  if (jobs.length === 0) return;
  const query = new URLSearchParams(jobs.map((job) => ["job", job]));
  const answer = await fetch(`/notices?${query}`, { headers: { "HX-Request": "true", ...JSON.parse(workspace || "{}") } }).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  keep(watched().filter((job) => !(job in told) || told[job].live));
  Object.values(told).filter((one) => one.text).forEach(notice);
}

follow();
new MutationObserver(follow).observe(document.getElementById("main"), { subtree: true, childList: true, attributes: true, attributeFilter: ["data-title"] });
document.addEventListener("visibilitychange", () => {
  if (document.title.startsWith(TOLD)) document.title = document.title.slice(TOLD.length);
});
look();
setInterval(look, EVERY);
