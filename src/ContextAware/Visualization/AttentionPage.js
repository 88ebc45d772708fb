"use strict";
// Labels are other people's text: they only ever become text nodes and attributes, never markup.
const data = JSON.parse(document.getElementById("data").textContent);
const at = id => document.getElementById(id);
const state = { example: 0, layer: 0, head: 0 };
let cells = [], focus = [0, 0], pointed = null;

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function decode(base64) {
  const bytes = Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

// The renderer's own rules for numbers: four digits for a hint, two for a cell.
const precise = x => String(Number(x.toPrecision(4)));
function brief(x) {
  const size = Math.abs(x);
  if (size >= 99.5) return x.toExponential(0).replace("+", "");
  if (size >= 9.95) return x.toFixed(0);
  if (size >= 0.995) return String(Number(x.toFixed(1)));
  const text = x.toFixed(2).replace("0.", ".");
  return text === ".00" || text === "-.00" ? "0" : text;
}

const palettes = data.colours.map(c => ({ name: c.name, rgb: c.hex.match(/../g).map(h => parseInt(h, 16)) }));
const palette = () => palettes[at("colours").value] ?? palettes[0];
function colour(share) {
  const i = 3 * Math.round(255 * Math.min(1, Math.max(0, share)));
  return palette().rgb.slice(i, i + 3);
}
function isDark(rgb) {
  const [r, g, b] = rgb.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.179;
}

const map = () => data.maps[state.example];
function weights(m) { return m.numbers ??= decode(m.weights); }
function panel(m, layer, head) {
  const size = m.rows.length * m.columns.length, start = (layer * m.heads + head) * size;
  return weights(m).subarray(start, start + size);
}
function scale() {
  const m = map();
  if (at("shared").checked) return [m.low, m.high];
  const values = panel(m, state.layer, state.head);
  const low = values.reduce((a, b) => Math.min(a, b), 0), high = values.reduce((a, b) => Math.max(a, b), 0);
  return [low, high === low ? low + 1 : high];
}
const place = (m, r, c) => [m.rows[r], m.columns[c]].filter(x => x !== "").join(" ← ");

// The table of one example; heads, colours and scales then only repaint it.
function build() {
  const m = map(), table = at("map"), wide = measure(m);
  const head = make("tr", {}, make("td"));
  m.columns.forEach(label => head.append(make("th", { className: "column", scope: "col" }, make("bdi", { textContent: label, title: label }))));
  const body = make("tbody");
  cells = m.rows.map((label, r) => {
    const row = make("tr", {}, make("th", { className: "row", scope: "row" }, make("bdi", { textContent: label })));
    const line = m.columns.map((_, c) => {
      const cell = make("td", { className: "cell", tabIndex: -1 });
      cell.dataset.row = r;
      cell.dataset.column = c;
      cell.setAttribute("role", "gridcell");
      return cell;
    });
    row.append(...line);
    body.append(row);
    return line;
  });
  table.className = wide ? "down" : "flat";
  const header = m.columns.some(label => label !== "") ? [make("thead", {}, head)] : [];
  table.replaceChildren(...header, body);
  focus = [0, 0];
  if (cells[0]?.[0]) cells[0][0].tabIndex = 0;
}

// Picks the size of a cell by the room there is; says whether column labels must run downwards.
function measure(m) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "14px sans-serif";
  const widest = labels => Math.max(0, ...labels.map(label => pen.measureText(label).width));
  const room = at("map").closest(".card").clientWidth - 40 - 100 - widest(m.rows);
  const columns = Math.max(1, m.columns.length), cell = Math.max(9, Math.min(40, Math.floor(room / columns) - 1));
  const style = at("map").style;
  style.setProperty("--cell", `${cell}px`);
  style.setProperty("--wide", `${m.columns.length === 1 ? Math.max(cell, 64) : cell}px`);
  style.setProperty("--gap", cell >= 14 ? "1px" : "0px");
  style.setProperty("--round", cell >= 24 ? "3px" : "0");
  style.setProperty("--label", `${Math.max(9, Math.min(14, cell * 0.55))}px`);
  style.setProperty("--number", `${Math.max(7, Math.min(13, cell * 0.36))}px`);
  at("numbers").disabled = cell < 20;
  if (at("numbers").dataset.touched === undefined) at("numbers").checked = cell >= 26;
  return widest(m.columns) > Math.max(cell, columns === 1 ? 64 : 0);
}

function paint() {
  const m = map(), values = panel(m, state.layer, state.head), [low, high] = scale();
  const numbers = at("numbers").checked && !at("numbers").disabled;
  cells.forEach((line, r) => line.forEach((cell, c) => {
    const value = values[r * m.columns.length + c], rgb = colour((value - low) / (high - low)), text = brief(value);
    cell.style.backgroundColor = `rgb(${rgb})`;
    cell.style.color = isDark(rgb) ? text === "0" ? "#fff8" : "#fff" : text === "0" ? "#0006" : "#000";
    cell.textContent = numbers ? text : "";
    cell.setAttribute("aria-label", `${place(m, r, c)}: ${precise(value)}`);
  }));
  at("name").textContent = m.title;
  at("caption").textContent = [
    m.rowAxis && m.columnAxis ? `${m.rowAxis} (rows) attend to ${m.columnAxis} (columns)` : "",
    m.layers > 1 ? `layer ${state.layer + 1}` : "", m.heads > 1 ? `head ${state.head + 1}` : "",
  ].filter(x => x).join(" · ") || `${m.rows.length} × ${m.columns.length}`;
  at("bar").style.background = `linear-gradient(to top, ${Array.from({ length: 33 }, (_, i) => `rgb(${colour(i / 32)})`).join(", ")})`;
  at("low").textContent = precise(low);
  at("middle").textContent = precise((low + high) / 2);
  at("high").textContent = precise(high);
  quality(m);
  overview(m);
}

function quality(m) {
  const found = m.quality?.[state.layer * m.heads + state.head];
  at("quality").hidden = !found;
  if (!found) return;
  const [entropy, diagonal, covered] = found;
  const fact = (name, value, rest) => make("span", {}, `${name} `, make("b", { textContent: value }), rest);
  at("quality").replaceChildren(
    fact("Entropy", entropy.toFixed(2), ` nats a step, as if looking at ${Math.exp(entropy).toFixed(1)} places`),
    fact("Near the diagonal", `${(100 * diagonal).toFixed(0)} %`, ""),
    fact("Source covered", `${(100 * covered).toFixed(0)} %`, ""));
}

// A thumbnail of every head, to see them side by side and to choose one.
function overview(m) {
  const count = m.layers * m.heads, hidden = count === 1 || m.rows.length === 0 || m.columns.length === 0;
  at("overview").hidden = hidden;
  if (hidden) return;
  const factor = 96 / Math.max(m.rows.length, m.columns.length);
  at("heads").style.gridTemplateColumns = `repeat(${m.heads}, auto)`;
  if (at("heads").childElementCount !== count || at("heads").dataset.example !== String(state.example)) {
    at("heads").dataset.example = state.example;
    at("heads").replaceChildren(...Array.from({ length: count }, (_, i) => {
      const layer = Math.floor(i / m.heads), head = i % m.heads;
      const caption = (m.layers > 1 ? `layer ${layer + 1}` : "") + (m.layers > 1 && m.heads > 1 ? " · " : "") + (m.heads > 1 ? `head ${head + 1}` : "");
      const canvas = make("canvas", { width: m.columns.length, height: m.rows.length });
      canvas.style.width = `${Math.max(8, m.columns.length * factor)}px`;
      canvas.style.height = `${Math.max(8, m.rows.length * factor)}px`;
      return make("button", { type: "button", onclick: () => show({ layer, head }) }, canvas, caption);
    }));
  }
  [...at("heads").children].forEach((button, i) => {
    const layer = Math.floor(i / m.heads), head = i % m.heads;
    button.setAttribute("aria-pressed", layer === state.layer && head === state.head);
    thumbnail(button.firstChild, panel(m, layer, head), m.low, m.high);
  });
}

function thumbnail(canvas, values, low, high) {
  const pen = canvas.getContext("2d"), image = pen.createImageData(canvas.width, canvas.height);
  values.forEach((value, i) => image.data.set([...colour((value - low) / (high - low)), 255], 4 * i));
  pen.putImageData(image, 0, 0);
}

function point(cell) {
  document.querySelectorAll("th.lit").forEach(x => x.classList.remove("lit"));
  pointed = cell;
  at("tip").hidden = !cell;
  if (!cell) return;
  const m = map(), r = Number(cell.dataset.row), c = Number(cell.dataset.column);
  const value = panel(m, state.layer, state.head)[r * m.columns.length + c];
  cell.parentElement.querySelector("th").classList.add("lit");
  at("map").querySelectorAll("th.column")[c]?.classList.add("lit");
  at("tip").replaceChildren(make("bdi", { textContent: m.rows[r] }), m.rows[r] !== "" && m.columns[c] !== "" ? " ← " : "",
    make("bdi", { textContent: m.columns[c] }), "  ", make("b", { textContent: precise(value) }));
  const box = cell.getBoundingClientRect(), tip = at("tip").getBoundingClientRect();
  at("tip").style.left = `${Math.max(4, Math.min(innerWidth - tip.width - 4, box.left + box.width / 2 - tip.width / 2))}px`;
  at("tip").style.top = `${box.top - tip.height - 8 > 0 ? box.top - tip.height - 8 : box.bottom + 8}px`;
}

function options(select, labels, chosen) {
  select.replaceChildren(...labels.map((label, i) => make("option", { value: i, textContent: label })));
  select.value = chosen;
}

function show(change) {
  const other = change.example !== undefined && change.example !== state.example;
  Object.assign(state, change);
  const m = map();
  state.layer = Math.min(state.layer, m.layers - 1);
  state.head = Math.min(state.head, m.heads - 1);
  const numbered = count => Array.from({ length: count }, (_, i) => String(i + 1));
  options(at("layer"), numbered(m.layers), state.layer);
  options(at("head"), numbered(m.heads), state.head);
  at("layer-label").hidden = m.layers === 1;
  at("head-label").hidden = m.heads === 1;
  at("shared-label").hidden = m.layers * m.heads === 1;
  at("example").value = state.example;
  at("previous").disabled = state.example === 0;
  at("next").disabled = state.example === data.maps.length - 1;
  if (other || cells.length === 0) build();
  paint();
  point(other ? null : pointed); // the same cell of another head has another number
}

function move(r, c) {
  const m = map();
  r = Math.max(0, Math.min(m.rows.length - 1, r));
  c = Math.max(0, Math.min(m.columns.length - 1, c));
  cells[focus[0]][focus[1]].tabIndex = -1;
  focus = [r, c];
  cells[r][c].tabIndex = 0;
  cells[r][c].focus();
}

const cellOf = event => event.target.closest?.("td.cell");
at("map").addEventListener("mouseover", event => point(cellOf(event)));
at("map").addEventListener("mouseleave", () => point(null));
at("map").addEventListener("focusin", event => point(cellOf(event)));
at("map").addEventListener("focusout", () => point(null));
at("map").addEventListener("keydown", event => {
  const cell = cellOf(event);
  if (!cell) return;
  const r = Number(cell.dataset.row), c = Number(cell.dataset.column), end = map().columns.length - 1;
  const steps = {
    ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
    Home: [event.ctrlKey ? 0 : r, 0], End: [event.ctrlKey ? map().rows.length - 1 : r, end],
  };
  if (event.key === "Escape") point(null);
  if (!steps[event.key]) return;
  event.preventDefault();
  move(...steps[event.key]);
});
at("previous").onclick = () => show({ example: state.example - 1 });
at("next").onclick = () => show({ example: state.example + 1 });
at("example").onchange = () => show({ example: Number(at("example").value) });
at("layer").onchange = () => show({ layer: Number(at("layer").value) });
at("head").onchange = () => show({ head: Number(at("head").value) });
at("colours").onchange = at("shared").onchange = paint;
at("numbers").onchange = () => { at("numbers").dataset.touched = ""; paint(); };
addEventListener("resize", () => { build(); paint(); });
addEventListener("scroll", () => point(null), true);

options(at("example"), data.maps.map((m, i) => m.title || `Example ${i + 1}`), 0);
options(at("colours"), palettes.map(c => c.name), data.chosen);
at("stepper").hidden = data.maps.length === 1;
show({});
