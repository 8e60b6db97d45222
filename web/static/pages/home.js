// A file that is dropped anywhere on the zone goes into its field.
const zone = document.querySelector(".drop");

for (const name of ["dragenter", "dragover"]) {
  zone?.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
}
zone?.addEventListener("dragleave", (event) => {
  if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
});
zone?.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  if (event.dataTransfer.files.length === 0) return;
  zone.querySelector("input[type=file]").files = event.dataTransfer.files;
  zone.requestSubmit();
});
