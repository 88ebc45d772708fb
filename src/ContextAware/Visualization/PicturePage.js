"use strict";
// Labels are other people's text: they only ever become text nodes and attributes, never markup.
const data = JSON.parse(document.getElementById("data").textContent);
const at = id => document.getElementById(id);
const state = { picture: 0, step: 0 };

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const bytesOf = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));
function numbers(step) {
  if (step.numbers) return step.numbers;
  const view = new DataView(bytesOf(step.weights).buffer);
  return step.numbers = Float32Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

const palettes = data.colours.map(c => ({ name: c.name, rgb: c.hex.match(/../g).map(h => parseInt(h, 16)) }));
function colour(share) {
  const i = 3 * Math.round(255 * Math.min(1, Math.max(0, share)));
  return (palettes[at("colours").value] ?? palettes[0]).rgb.slice(i, i + 3);
}

const picture = () => data.pictures[state.picture];

// The picture, and over it the colour of each place, the more opaque the more weight it has.
function draw(canvas, p, step) {
  canvas.width = p.width;
  canvas.height = p.height;
  const pixels = p.bytes ??= bytesOf(p.pixels), pen = canvas.getContext("2d", { willReadFrequently: true }), image = pen.createImageData(p.width, p.height);
  const weights = step && numbers(step), most = weights ? weights.reduce((a, b) => Math.max(a, b), 0) || 1 : 1;
  const strength = at("strength").value / 100;
  for (let y = 0; y < p.height; y++) {
    for (let x = 0; x < p.width; x++) {
      const i = y * p.width + x, share = weights ? weights[place(p, step, y, x)] / most : 0, over = colour(share);
      for (let c = 0; c < 3; c++) {
        const under = pixels[p.channels * i + (p.channels === 3 ? c : 0)];
        image.data[4 * i + c] = under + (over[c] - under) * share * strength;
      }
      image.data[4 * i + 3] = 255;
    }
  }
  pen.putImageData(image, 0, 0);
}

function place(p, step, y, x) {
  return Math.floor(y * step.rows / p.height) * step.columns + Math.floor(x * step.columns / p.width);
}

function size(canvas, p, room) {
  const factor = Math.max(1, Math.floor(room / p.width));
  canvas.style.width = `${p.width * factor}px`;
}

function paint() {
  const p = picture();
  draw(at("large"), p, p.steps[state.step]);
  [...at("strip").children].forEach((figure, i) => draw(figure.firstChild, p, p.steps[i]));
  [...at("words").children].forEach((word, i) => word.setAttribute("aria-pressed", i === state.step));
}

function build() {
  const p = picture();
  at("name").textContent = p.title;
  at("words").replaceChildren(...p.steps.map((step, i) => make("button", { type: "button", textContent: step.label, onclick: () => show({ step: i }), onmouseenter: () => show({ step: i }), onfocus: () => show({ step: i }) })));
  at("strip").replaceChildren(...p.steps.map((step, i) => {
    const canvas = make("canvas", {});
    size(canvas, p, 200);
    return make("figure", { onclick: () => show({ step: i }) }, canvas, make("figcaption", { textContent: step.label }));
  }));
  size(at("large"), p, Math.min(860, at("large").parentElement.clientWidth - 40));
}

function show(change) {
  const other = change.picture !== undefined && change.picture !== state.picture;
  Object.assign(state, change);
  if (other) state.step = 0;
  at("picture").value = state.picture;
  at("previous").disabled = state.picture === 0;
  at("next").disabled = state.picture === data.pictures.length - 1;
  if (other || !at("large").style.width) build();
  at("number").textContent = "";
  paint();
}

function options(select, labels, chosen) {
  select.replaceChildren(...labels.map((label, i) => make("option", { value: i, textContent: label })));
  select.value = chosen;
}

at("large").addEventListener("mousemove", event => {
  const p = picture(), step = p.steps[state.step], box = at("large").getBoundingClientRect();
  if (!step) return;
  const y = Math.min(p.height - 1, Math.max(0, Math.floor((event.clientY - box.top) * p.height / box.height)));
  const x = Math.min(p.width - 1, Math.max(0, Math.floor((event.clientX - box.left) * p.width / box.width)));
  const i = place(p, step, y, x);
  at("number").textContent = `${step.label}: row ${Math.floor(i / step.columns) + 1}, column ${i % step.columns + 1}: ${Number(numbers(step)[i].toPrecision(4))}`;
});
at("large").addEventListener("mouseleave", () => { at("number").textContent = ""; });
at("previous").onclick = () => show({ picture: state.picture - 1 });
at("next").onclick = () => show({ picture: state.picture + 1 });
at("picture").onchange = () => show({ picture: Number(at("picture").value) });
at("colours").onchange = at("strength").oninput = paint;
addEventListener("resize", () => { build(); paint(); });

options(at("picture"), data.pictures.map((p, i) => p.title || `Picture ${i + 1}`), 0);
options(at("colours"), palettes.map(c => c.name), data.chosen);
at("stepper").hidden = data.pictures.length === 1;
show({});
