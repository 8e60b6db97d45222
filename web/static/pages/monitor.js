// The drift table by arrow keys: one cell takes the Tab, the arrows lead on from it.

const table = document.querySelector("[data-heat]");
const rows = () => [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td a")]);

function only(cell) {
  for (const one of table.querySelectorAll("td a")) one.tabIndex = one === cell ? 0 : -1;
}

const STEPS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

function move(event) {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const grid = rows();
  const row = grid.findIndex((cells) => cells.includes(event.target));
  if (row < 0) return;
  const place = grid[row].indexOf(event.target);
  const next = grid[row + step[0]]?.[place + step[1]];
  if (!next) return;
  event.preventDefault();
  only(next);
  next.focus();
}

if (table) {
  const grid = rows();
  only(grid[0]?.at(-1));
  table.addEventListener("keydown", move);
  table.addEventListener("focusin", (event) => event.target.matches("td a") && only(event.target));
  table.scrollLeft = table.scrollWidth;
}
