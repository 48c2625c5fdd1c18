
"use strict";
// Without this script the page is whole: it adds filters and sorting, and asks nobody for anything.
const collator = new Intl.Collator("en", { numeric: true });

function value(row, column, numeric) {
  const cell = row.cells[column];
  const text = cell.dataset.value ?? cell.textContent.trim();
  return numeric ? Number(text) : text;
}

function sort(table, head, column) {
  const down = head.getAttribute("aria-sort") === "ascending";
  const numeric = head.dataset.sort === "number";
  for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows];
  rows.sort((one, other) => {
    const first = value(one, column, numeric), second = value(other, column, numeric);
    const order = numeric ? first - second : collator.compare(first, second);
    return down ? -order : order;
  });
  table.tBodies[0].append(...rows);
}

for (const table of document.querySelectorAll("table.sortable")) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => sort(table, head, column));
  });
}

function fits(row, key, wanted) {
  if (!wanted) return true;
  if (key === "text") return row.textContent.toLowerCase().includes(wanted.toLowerCase());
  return row.dataset[key].split("|").includes(wanted);
}

for (const form of document.querySelectorAll("form.filters")) {
  const rows = [...document.getElementById(form.dataset.for).tBodies[0].rows];
  const controls = [...form.querySelectorAll("[data-key]")];
  const shown = form.querySelector(".shown");
  const filter = () => {
    for (const row of rows) row.hidden = !controls.every((each) => fits(row, each.dataset.key, each.value.trim()));
    shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
}
