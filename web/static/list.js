// Lists: arrow keys go through rows, rows are chosen, columns that nobody wants stay away.

document.documentElement.classList.add("scripted");

const boxes = (list) => [...list.querySelectorAll("td.tickbox input")];

function chosen(list) {
  const some = boxes(list).filter((box) => box.checked).length;
  const bulk = list.querySelector(".bulk");
  if (!bulk) return;
  bulk.classList.toggle("some", some > 0);
  bulk.querySelector(".chosen").textContent = some ? `${some} chosen` : "";
  const all = list.querySelector("[data-all]");
  all.checked = some > 0 && some === boxes(list).length;
  all.indeterminate = some > 0 && !all.checked;
}

let last = null;

document.addEventListener("click", (event) => {
  const list = event.target.closest(".list");
  if (!list || !event.target.matches(".tickbox input")) return;
  const all = boxes(list);
  if (event.target.matches("[data-all]")) all.forEach((box) => { box.checked = event.target.checked; });
  else if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((box) => { box.checked = event.target.checked; });
  }
  last = event.target;
  chosen(list);
});

// Arrow keys go from row to row, x chooses one.
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".list tbody tr");
  if (!row || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, input:not([type=checkbox])")) return;
  const rows = [...row.parentElement.rows];
  const at = rows.indexOf(row);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (event.key === "x") row.querySelector(".tickbox input")?.click();
  else if (to === undefined) return;
  else {
    const column = event.target.closest("td, th").cellIndex;
    const next = rows[Math.min(Math.max(to, 0), rows.length - 1)];
    (next.cells[column].querySelector("a, input, button") ?? next.querySelector("th a, a, input"))?.focus();
  }
  event.preventDefault();
});

const place = (list) => `mayfly.columns.${list.dataset.list}`;
const hidden = (list) => new Set(JSON.parse(localStorage.getItem(place(list)) ?? "[]"));

function hide(list) {
  const away = hidden(list);
  const heads = [...list.querySelectorAll("thead th")];
  heads.forEach((head, index) => {
    const gone = away.has(head.textContent.trim());
    list.querySelectorAll("tr").forEach((row) => { if (row.cells[index]) row.cells[index].hidden = gone; });
  });
}

// The first column and those without a name stay.
function offer(list) {
  const menu = list.querySelector(".columns");
  const heads = [...list.querySelectorAll("thead th:not(.tickbox)")].slice(1);
  if (!menu?.hidden || heads.length < 2) return;
  menu.hidden = false;
  menu.addEventListener("toggle", () => {
    if (menu.open) fill(list, menu, heads);
  });
}

function fill(list, menu, heads) {
  const away = hidden(list);
  const ticks = heads.filter((head) => !head.querySelector(".hush")).map((head) => {
    const name = head.textContent.trim();
    const label = Object.assign(document.createElement("label"), { className: "tick" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: !away.has(name) });
    box.addEventListener("change", () => {
      const now = hidden(list);
      if (box.checked) now.delete(name);
      else now.add(name);
      localStorage.setItem(place(list), JSON.stringify([...now]));
      hide(list);
    });
    label.append(box, name);
    return label;
  });
  menu.querySelector(".panel").replaceChildren(...ticks);
}

function begin() {
  document.querySelectorAll(".list").forEach((list) => {
    offer(list);
    hide(list);
    chosen(list);
  });
}

begin();
document.addEventListener("htmx:after:swap", begin);
