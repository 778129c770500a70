// The game "Catch the false links", a part of the stage: the user marks edges, and then sees which of them are false, and
// which torque prunes. Until then the data of the edges tell neither.
//   data.place  name of the place; another one begins without marks
//   data.revealed  whether data.network has the fates of the edges and data.marks, the marked edges, count
//   data.network, height, alt  as for the stage
// The marks are reported once, at the end: report("marks", [[i, j], ...]).

const MARK = 8; // pixels from the middle of a mark to its end

class Game extends Stage {
  constructor(root) {
    super(root);
    this.marks = new Map(); // pairs of ids by key
    this.controls = document.createElement("div");
    this.controls.className = "game-controls";
    this.controls.innerHTML = '<button type="button">Compare with torque</button><span></span>';
    this.frame.before(this.controls);
    this.controls.querySelector("button").onclick = () => this.host("marks", [...this.marks.values()]);
  }

  update(data, report) {
    if (data.place !== this.place) this.marks.clear();
    if (data.revealed) this.marks = new Map(data.marks.map((pair) => [pairKey(...pair), pair]));
    Object.assign(this, { place: data.place, revealed: data.revealed, word: data.word });
    const whole = { ...data, live: null, shown: null, numbers: false, nodes: [], edges: [], camera: null, listens: !data.revealed };
    super.update(whole, (name, { edges }) => name === "gesture" && edges.forEach((pair) => this.toggle(pair)));
    this.host = report;
    this.box.hidden = this.lasso.hidden = true;
    this.controls.hidden = data.revealed;
    for (const name of ["background", "text", "outline"]) this.controls.style.setProperty(`--${name}`, this.style[name]);
    this.controls.style.setProperty("--ring", this.style.fates[2].color);
    this.showCount();
  }

  fill(moved) {
    const first = !this.network;
    super.fill(moved);
    this.current = undefined;
    if (first) this.network.on("afterDrawing", () => this.paintMarks());
  }

  fillLegend() {
    super.fillLegend();
    if (!this.revealed) this.legend.firstElementChild?.remove(); // nothing is kept or pruned yet
  }

  lightSelection() {
    this.lit = null; // marks do not dim the rest
  }

  toggle(pair) {
    const key = pairKey(...pair);
    if (!this.marks.delete(key)) this.marks.set(key, pair);
    this.showCount();
    this.network.redraw();
  }

  showCount() {
    const text = `${plural(this.marks.size, this.word)} marked`;
    this.controls.querySelector("span").textContent = text;
    this.frame.dataset.marks = [...this.marks.keys()].sort().join(" ");
    return text;
  }

  // The arrow keys lead from edge to edge; those at the same node follow each other.
  walk(right, down) {
    const order = [...this.from.keys()].sort((j, k) => this.source[j] - this.source[k] || this.target[j] - this.target[k]);
    const at = order.indexOf(this.current);
    this.current = order[(at + (right + down > 0 ? 1 : at < 0 ? 0 : -1) + order.length) % order.length];
    this.speak();
    this.network.redraw();
  }

  speak() {
    const [i, j] = [this.from[this.current], this.to[this.current]], name = (k) => classInWords(this.style, this.labels[k]);
    const marked = this.marks.has(pairKey(this.source[this.current], this.target[this.current]));
    this.spoken.textContent =
      `${this.names[i]} – ${this.names[j]}: ${name(i)} and ${name(j)}, ${marked ? "marked" : "not marked"}. ${this.showCount()}.`;
  }

  onKey(event) {
    if (!["Enter", " "].includes(event.key) || this.current === undefined || this.revealed) return;
    event.preventDefault();
    this.toggle([this.source[this.current], this.target[this.current]]);
    this.speak();
  }

  // Before the end, a cross on a thick line; then a tick if the marked edge is false and a cross if it is true.
  paintMarks() {
    const { context, px, py } = this.network, { text, background } = this.style;
    if (!px) return;
    context.globalAlpha = 1;
    context.lineCap = "round";
    for (const [key, k] of this.edgeIndex) {
      const marked = this.marks.has(key);
      if (!marked && k !== this.current) continue;
      const [i, j] = [this.from[k], this.to[k]];
      const along = marked && !this.revealed ? [[px[i], py[i]], [px[j], py[j]]] : null;
      const x = (px[i] + px[j]) / 2, y = (py[i] + py[j]) / 2;
      context.setLineDash([]);
      if (along) stroke(context, [along], text, 3);
      if (k === this.current) ring(context, x, y, MARK + 5, text);
      if (!marked) continue;
      context.beginPath();
      context.arc(x, y, MARK + 3, 0, 2 * Math.PI);
      context.fillStyle = background;
      context.fill();
      ring(context, x, y, MARK + 3, text);
      const [a, b] = [MARK * 0.55, MARK * 0.7];
      const tick = [[[x - b, y], [x - a / 3, y + a], [x + b, y - a]]];
      const cross = [[[x - a, y - a], [x + a, y + a]], [[x - a, y + a], [x + a, y - a]]];
      stroke(context, this.revealed && this.injected[k] ? tick : cross, text, 2.5);
    }
  }

  destroy() {
    this.controls.remove();
    super.destroy();
  }
}
PARTS.game = Game;

function stroke(context, lines, color, width) {
  context.beginPath();
  for (const [start, ...rest] of lines) {
    context.moveTo(...start);
    for (const point of rest) context.lineTo(...point);
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

function ring(context, x, y, radius, color) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.stroke();
}
