// The grid: cells are gone through by keys, edited in place, and pasted over; rows are chosen.

const FIRST = 2; // cells before a row's values: its box and its actions
const sheet = () => document.querySelector("table.sheet");
const writes = () => Boolean(sheet()?.dataset.cell);
const isValue = (cell) => cell?.matches(".sheet tbody td") && cell.cellIndex >= (writes() ? FIRST : 0);
const nameOf = (cell) => sheet().tHead.rows[0].cells[cell.cellIndex].dataset.name;

function go(cell) {
  if (!isValue(cell)) return;
  sheet().querySelectorAll("td[tabindex='0']").forEach((one) => { one.tabIndex = -1; });
  cell.tabIndex = 0;
  cell.focus();
}

function begin() {
  const cell = sheet()?.tBodies[0].rows[0]?.cells[writes() ? FIRST : 0];
  if (cell && !sheet().querySelector("td[tabindex='0']")) cell.tabIndex = 0;
  sheet()?.querySelectorAll("td[data-version]").forEach((saved) => {
    const row = saved.closest("tr");
    const box = row.querySelector("input[name=chosen]");
    const version = row.querySelector("input[name=version]");
    if (box) box.value = `${row.dataset.id} ${saved.dataset.version}`;
    if (version) version.value = saved.dataset.version;
    delete saved.dataset.version;
  });
}

const options = (cell) => ({ source: cell, target: cell, swap: "outerHTML" });

function edit(cell) {
  if (!writes() || !isValue(cell) || cell.matches(".editing") || cell.closest("tr.editing")) return;
  const place = sheet().dataset.cell.replace(/-\/cell$/, `${encodeURIComponent(cell.closest("tr").dataset.id)}/cell`);
  htmx.ajax("GET", `${place}?column=${encodeURIComponent(nameOf(cell))}`, options(cell));
}

function leave(cell) {
  htmx.ajax("GET", cell.dataset.plain, options(cell));
}

document.addEventListener("dblclick", (event) => edit(event.target.closest("td")));
document.addEventListener("mousedown", (event) => {
  const cell = event.target.closest(".sheet tbody td");
  if (isValue(cell) && !event.target.closest("a, button, input, select, textarea, .editing")) go(cell);
});
document.addEventListener("click", (event) => {
  const editing = event.target.closest("td.editing");
  if (editing && event.target.closest("[data-leave]")) leave(editing);
});

function next(cell, event) {
  const row = cell.closest("tr");
  const rows = [...row.parentElement.rows];
  const at = rows.indexOf(row);
  const first = writes() ? FIRST : 0;
  switch (event.key) {
    case "ArrowDown": return rows[at + 1]?.cells[cell.cellIndex];
    case "ArrowUp": return rows[at - 1]?.cells[cell.cellIndex];
    case "ArrowRight": return row.cells[cell.cellIndex + 1];
    case "ArrowLeft": return row.cells[cell.cellIndex - 1];
    case "Home": return (event.ctrlKey ? rows[0] : row).cells[first];
    case "End": return [...(event.ctrlKey ? rows.at(-1) : row).cells].at(-1);
    default: return undefined;
  }
}

document.addEventListener("keydown", (event) => {
  const editing = event.target.closest("td.editing");
  if (editing) {
    if (event.key === "Escape") leave(editing);
    else if (event.key === "Enter" && event.target.matches("select")) editing.querySelector("form").requestSubmit();
    else return;
    event.preventDefault();
    return;
  }
  const cell = event.target;
  if (!isValue(cell) || event.altKey || event.metaKey) return;
  const to = next(cell, event);
  if (to) go(to);
  else if (event.key === "Enter" || event.key === "F2") edit(cell);
  else if (event.key === " ") cell.closest("tr").querySelector("input[name=chosen]")?.click();
  else if (!["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
  event.preventDefault();
});

// The rows from a cell downwards, up to one that is being edited: what lies below that would move up.
function downFrom(cell) {
  const rows = [...cell.closest("tbody").rows].slice(cell.closest("tr").rowIndex - 1);
  const shown = rows.map((row) => row.querySelector("input[name=chosen]")?.value);
  return shown.slice(0, shown.includes(undefined) ? shown.indexOf(undefined) : undefined);
}

document.addEventListener("paste", (event) => {
  const cell = document.activeElement;
  if (!writes() || !isValue(cell) || cell.matches(".editing")) return;
  event.preventDefault();
  const values = { column: nameOf(cell), rows: downFrom(cell).join("\n"), text: event.clipboardData.getData("text/plain") };
  htmx.ajax("POST", sheet().dataset.paste, { source: "#rows", target: "#rows", swap: "innerHTML", values });
});

const boxes = () => [...sheet().querySelectorAll("input[name=chosen]")];
let last = null;
document.addEventListener("click", (event) => {
  if (!event.target.matches?.(".sheet .tickbox input")) return;
  const all = boxes();
  if (event.target.matches("[data-all]")) all.forEach((box) => { box.checked = event.target.checked; });
  else if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((box) => { box.checked = event.target.checked; });
  }
  last = event.target;
});

begin();
document.addEventListener("htmx:after:swap", begin);
