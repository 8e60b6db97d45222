// The tab's title follows the training, which is told in `data-title` of what is live.
const live = document.getElementById("live");
const suffix = document.title.slice(document.title.lastIndexOf(" · "));

function entitle() {
  const told = live.querySelector("[data-title]")?.dataset.title;
  if (told && document.title !== told + suffix) document.title = told + suffix;
}

if (live) new MutationObserver(entitle).observe(live, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-title"] });
