// What a page needs beyond HTMX: a banner for a dead network, closing toasts, copying a command, and how
// much of an upload is sent.

function offline() {
  const place = document.getElementById("outages");
  if (place.querySelector("[data-offline]")) return;
  place.append(document.getElementById("offline").content.firstElementChild.cloneNode(true));
}

function online() {
  document.querySelectorAll("[data-offline]").forEach((banner) => banner.remove());
}

document.addEventListener("htmx:error", offline);
document.addEventListener("htmx:sse:error", offline);
document.addEventListener("htmx:sse:after:connection", online);
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.response) online();
});

document.addEventListener("click", async (event) => {
  const closer = event.target.closest("[data-dismiss]");
  if (closer) closer.closest(".toast").remove();
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  await navigator.clipboard.writeText(document.querySelector(copier.dataset.copy).textContent);
  copier.textContent = "Copied";
});

// fetch() does not tell how much of a body is sent; its predecessor does, and is put in its place.
function fetchTelling(tell) {
  return (url, { method, headers, body, signal }) => new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest();
    sender.open(method, url);
    for (const [name, value] of Object.entries(headers)) sender.setRequestHeader(name, value);
    sender.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) tell(event.loaded / event.total);
    });
    sender.addEventListener("load", () => {
      const lines = sender.getAllResponseHeaders().trim().split("\r\n");
      const pairs = lines.map((line) => line.split(/: (.*)/s, 2));
      resolve(new Response(sender.response, { status: sender.status, headers: pairs }));
    });
    sender.addEventListener("error", () => reject(new TypeError("The network failed.")));
    sender.addEventListener("abort", () => reject(new DOMException("Aborted", "AbortError")));
    signal?.addEventListener("abort", () => sender.abort());
    sender.send(body);
  });
}

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement.closest("form[data-progress]");
  if (!form) return;
  const shown = form.querySelector(form.dataset.progress);
  const [bar, text] = [shown.querySelector("progress"), shown.querySelector("span")];
  const tell = (share) => {
    bar.value = share;
    text.textContent = `${Math.floor(share * 100)} %`;
  };
  tell(0);
  shown.hidden = false;
  ctx.fetch = fetchTelling(tell);
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  // A page that is on its way to another keeps its bar.
  if (ctx.keepIndicators) return;
  const form = ctx.sourceElement.closest("form[data-progress]");
  if (form) form.querySelector(form.dataset.progress).hidden = true;
});
