// A file that is dropped anywhere on the page goes into its field, and is looked at where that can be done
// first; else the button that sends it waits with the focus.

const zone = () => document.querySelector(".drop");

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    zone()?.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) zone()?.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  zone()?.classList.remove("over");
  if (!zone() || event.dataTransfer.files.length === 0) return;
  zone().querySelector("input[type=file]").files = event.dataTransfer.files;
  const form = zone().closest("form");
  const look = form.querySelector("button[formaction]");
  if (look) look.click();
  else form.querySelector("button").focus();
});
