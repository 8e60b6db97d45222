// What a page needs beyond HTMX: toasts for a dead network, closing them, copying a command.

function offline() {
  const toasts = document.getElementById("toasts");
  if (toasts.querySelector("[data-offline]")) return;
  const toast = document.getElementById("offline").content.firstElementChild.cloneNode(true);
  toast.dataset.offline = "";
  toasts.append(toast);
}

document.addEventListener("htmx:error", offline);
document.addEventListener("htmx:sse:error", offline);
document.addEventListener("htmx:sse:after:connection", () => {
  document.querySelectorAll("[data-offline]").forEach((toast) => toast.remove());
});

document.addEventListener("click", async (event) => {
  const closer = event.target.closest("[data-dismiss]");
  if (closer) closer.closest(".toast").remove();
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  await navigator.clipboard.writeText(document.querySelector(copier.dataset.copy).textContent);
  copier.textContent = "Copied";
});
