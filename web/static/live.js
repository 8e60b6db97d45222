// The answer follows while values change: a form with `data-live` goes over a WebSocket to that address,
// and the HTML that comes back is shown in `data-shows`. The button does the same without this.

const live = { line: null, form: null, last: 0, shown: 0 };

function connect(form) {
  const address = new URL(form.dataset.live, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  live.form = form;
  live.line = new WebSocket(address);
  live.line.addEventListener("open", () => ask());
  live.line.addEventListener("message", ({ data }) => show(JSON.parse(data)));
  live.line.addEventListener("close", () => { live.line = null; });
}

// Only the newest question waits for its turn: the server drops the one before it.
function ask() {
  live.last += 1;
  const form = new URLSearchParams(new FormData(live.form)).toString();
  const question = { id: live.last, model: live.form.dataset.model, form, replaces: true };
  live.line.send(JSON.stringify(question));
}

function show({ id, answer }) {
  if (answer === undefined || id <= live.shown || !live.form?.isConnected) return;
  live.shown = id;
  const place = document.querySelector(live.form.dataset.shows);
  const open = [...place.querySelectorAll("details")].map((one) => one.open);
  const answered = place.querySelector("[data-answered]");
  place.innerHTML = answer;
  if (!answered) return; // the first answer opens what belongs to it
  place.querySelectorAll("details").forEach((one, number) => { one.open = open[number] ?? one.open; });
}

document.addEventListener("input", ({ target }) => {
  const form = target.closest("form[data-live]");
  if (!form || !form.checkValidity()) return;
  if (live.line && live.form !== form) live.line.close();
  if (!live.line || live.form !== form) connect(form);
  else if (live.line.readyState === WebSocket.OPEN) ask();
});
