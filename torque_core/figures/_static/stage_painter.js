// Draws a graph on a canvas, and turns drags, the wheel and clicks into a view. It has the interface that network.js,
// the camera and the pointer use of vis-network: on, moveTo, getViewPosition, getScale, DOMtoCanvas, redraw, destroy.
//
// Without a GPU, a line of at most one pixel is drawn hundreds of times as fast as a wider one. A crowded graph therefore
// has thin lines, drawn together for each kind, and its nodes are copies of one small picture for each class.

const CROWD = 1500; // visible edges; with more, lines are thin
const SPARSE = 0.15; // part of the picture that lines may cover before they fade
const FAINTEST = 0.25;
const CLICK = 4; // pixels; a shorter drag is a click
const REST = 140; // milliseconds after the last movement until all detail is drawn again
const FADED = 0.13; // opacity of what is not selected
const TRANSITION = 350; // milliseconds
const WEIGHT_STEPS = [0.05, 0.15, 0.4, 1.0001]; // of the largest weight; also how visible the edges up to it are
// how visible each kind of edge is: kept, pruned as if kept, pruned as such, added
const VISIBLE = { before: [1, 1, 0, 0], changes: [1, 0, 1, 1], after: [1, 0, 0, 1] };

class Painter {
  constructor(stage) {
    this.stage = stage;
    this.listeners = new Map();
    this.view = { x: 0, y: 0, scale: 1 };
    this.sprites = new Map();
    this.canvas = document.createElement("canvas");
    this.context = this.canvas.getContext("2d");
    stage.picture.append(this.canvas);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(stage.picture);
    this.canvas.addEventListener("pointerdown", (event) => this.drag(event));
    this.canvas.addEventListener("wheel", (event) => this.zoom(event), { passive: false });
    this.resize();
  }

  on(name, listener) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  emit(name, value) {
    for (const listener of this.listeners.get(name) ?? []) listener(value);
  }

  getViewPosition() {
    return { x: this.view.x, y: this.view.y };
  }

  getScale() {
    return this.view.scale;
  }

  moveTo({ position, scale }) {
    this.view = { ...position, scale };
    this.moved();
  }

  DOMtoCanvas({ x, y }) {
    const { clientWidth, clientHeight } = this.canvas;
    const { view } = this;
    return { x: (x - clientWidth / 2) / view.scale + view.x, y: (y - clientHeight / 2) / view.scale + view.y };
  }

  resize() {
    const { clientWidth, clientHeight } = this.stage.picture;
    const pixels = [clientWidth, clientHeight].map((side) => Math.round(side * devicePixelRatio));
    if (pixels[0] === this.canvas.width && pixels[1] === this.canvas.height) return;
    [this.canvas.width, this.canvas.height] = pixels;
    this.emit("resize");
    this.redraw();
  }

  drag(event) {
    if (event.button) return;
    const { canvas } = this, start = [event.clientX, event.clientY], from = { ...this.view };
    let dragged = false;
    canvas.setPointerCapture(event.pointerId);
    const move = ({ clientX, clientY }) => {
      const [dx, dy] = [clientX - start[0], clientY - start[1]];
      if (!dragged && Math.hypot(dx, dy) < CLICK) return;
      if (!dragged) this.emit("dragStart", { nodes: [] });
      dragged = true;
      this.moveTo({ position: { x: from.x - dx / from.scale, y: from.y - dy / from.scale }, scale: from.scale });
    };
    const end = (last) => {
      canvas.removeEventListener("pointermove", move);
      canvas.removeEventListener("pointerup", end);
      canvas.removeEventListener("pointercancel", end);
      if (dragged || last.type === "pointercancel") return;
      this.emit("click", { pointer: { DOM: this.stage.pointer.positionOf(last) }, event: { srcEvent: last } });
    };
    canvas.addEventListener("pointermove", move);
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
  }

  zoom(event) {
    event.preventDefault();
    const point = this.stage.pointer.positionOf(event), at = this.DOMtoCanvas(point);
    const scale = this.view.scale * Math.exp(-Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 100) / 500);
    const share = this.view.scale / scale; // the point under the pointer stays
    const position = { x: at.x + (this.view.x - at.x) * share, y: at.y + (this.view.y - at.y) * share };
    this.emit("zoom");
    this.moveTo({ position, scale });
  }

  // Draw in the next frame, without costly detail until nothing has moved for a while.
  moved() {
    this.fast = true;
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.fast = false;
      this.redraw();
    }, REST);
    this.redraw();
  }

  redraw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.paint();
      this.emit("afterDrawing");
    });
  }

  // Fade from what is visible to what should be.
  show(name) {
    const goal = VISIBLE[name], start = this.visible ?? goal, began = performance.now();
    cancelAnimationFrame(this.fade);
    const still = !this.visible || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const step = () => {
      const part = still ? 1 : Math.min(1, (performance.now() - began) / TRANSITION);
      this.visible = goal.map((value, k) => start[k] + (value - start[k]) * part);
      if (part < 1) this.fade = requestAnimationFrame(step);
      this[part < 1 ? "moved" : "redraw"]();
    };
    step();
  }

  paint() {
    const { context, canvas, stage, view } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.globalAlpha = 1;
    context.clearRect(0, 0, width, height);
    if (!width || !stage.ids) return;
    this.px = stage.x.map((x) => (x - view.x) * view.scale + width / 2);
    this.py = stage.y.map((y) => (y - view.y) * view.scale + height / 2);
    this.inView = this.visibleEdges(width, height);
    paintRings(this, width, height);
    this.paintEdges();
    this.paintNodes(width, height);
    paintSelection(this);
    paintNames(this, width, height);
  }

  visibleEdges(width, height) {
    const { px, py, stage } = this, edges = [];
    this.fates = Uint8Array.from(stage.fate, (_, k) => stage.fateOf(k));
    for (let k = 0; k < stage.from.length; k++) {
      const i = stage.from[k], j = stage.to[k];
      if (px[i] < 0 && px[j] < 0) continue;
      if (py[i] < 0 && py[j] < 0) continue;
      if (px[i] > width && px[j] > width) continue;
      if (py[i] > height && py[j] > height) continue;
      if (this.fates[k] !== GONE && !stage.isHidden(k)) edges.push(k);
    }
    return edges;
  }

  paintEdges() {
    const { stage, visible } = this, { fates, injected } = stage.style;
    const layers = [[0, fates[0], visible[0]], [1, fates[0], visible[1]], [1, fates[1], visible[2]], [2, fates[2], visible[3]]];
    for (const lit of stage.lit ? [false, true] : [true]) {
      for (const [fate, style, opacity] of layers) {
        if (opacity < 0.01) continue;
        const edges = this.inView.filter((k) => this.fates[k] === fate && (!stage.lit || stage.lit.edges.has(k) === lit));
        const strength = opacity * (lit ? 1 : FADED);
        for (const [part, share] of this.byWeight(edges)) {
          const thinner = { ...style, width: style.width * Math.sqrt(share) };
          this.strokeLines(part, thinner, strength * share, stage.lit && lit && edges.length < CROWD);
        }
        this.fillDiamonds(edges.filter((k) => stage.injected[k]), injected, strength);
      }
    }
  }

  // Edges in steps of their weight, the lightest first and faintest; all at once if they have no weights.
  byWeight(edges) {
    const { weight } = this.stage;
    if (!weight) return [[edges, 1]];
    const heaviest = weight.reduce((most, value) => Math.max(most, value), 0) || 1;
    const step = (k) => WEIGHT_STEPS.findIndex((top) => weight[k] <= top * heaviest);
    const steps = edges.map(step);
    if (edges.every((k) => weight[k] === 0)) return [[edges, 1]]; // pruned edges have no weight
    return WEIGHT_STEPS.map((top, at) => [edges.filter((_, index) => steps[index] === at), top]);
  }

  // Lines fade with their density; lit lines do not.
  strokeLines(edges, { color, width, dashes }, strength, lit) {
    const { context, px, py, view, stage } = this;
    const crowd = !lit && this.inView.length > CROWD;
    const thin = 1 / devicePixelRatio;
    const wide = Math.max(width * Math.min(1, view.scale * 1.6), lit ? 1.2 : 0.6 * thin);
    context.lineWidth = crowd ? Math.min(wide, thin) : wide;
    const ink = context.lineWidth * edges.reduce((sum, k) => sum + this.length(k), 0);
    const fade = Math.sqrt((SPARSE * this.canvas.clientWidth * this.canvas.clientHeight) / (ink || 1));
    context.globalAlpha = strength * (lit ? 1 : Math.min(1, Math.max(fade, FAINTEST)));
    context.strokeStyle = color;
    context.setLineDash(dashes && !(crowd && this.fast) ? dashes.map((length) => (crowd ? length / 2 : length)) : []);
    context.beginPath();
    for (const k of edges) {
      context.moveTo(px[stage.from[k]], py[stage.from[k]]);
      context.lineTo(px[stage.to[k]], py[stage.to[k]]);
    }
    context.stroke();
    context.setLineDash([]);
    if (stage.direction && (lit || this.inView.length <= FEW)) this.fillArrowheads(edges, color);
  }

  // At the ends to which edges lead.
  fillArrowheads(edges, color) {
    const { context, px, py, view, stage } = this;
    const size = Math.max(5, Math.min(11, 12 * view.scale));
    context.fillStyle = color;
    context.beginPath();
    for (const k of edges) {
      const i = stage.from[k], j = stage.to[k], radii = [1.2 * this.radius(i), 1.2 * this.radius(j)];
      for (const [tip, ...rest] of arrowheads([px[i], py[i]], [px[j], py[j]], ...radii, stage.direction[k], size)) {
        context.moveTo(...tip);
        for (const corner of rest) context.lineTo(...corner);
      }
    }
    context.fill();
  }

  length(k) {
    const i = this.stage.from[k], j = this.stage.to[k];
    return Math.hypot(this.px[i] - this.px[j], this.py[i] - this.py[j]);
  }

  // Marks of injected edges, at their middle.
  fillDiamonds(edges, color, strength) {
    const { context, px, py, view, stage } = this;
    const size = Math.max(1.8, Math.min(6.5, 7 * view.scale));
    context.globalAlpha = strength * (this.inView.length > CROWD ? 0.75 : 1);
    context.fillStyle = color;
    context.beginPath();
    for (const k of edges) {
      const x = (px[stage.from[k]] + px[stage.to[k]]) / 2, y = (py[stage.from[k]] + py[stage.to[k]]) / 2;
      context.moveTo(x, y - size);
      context.lineTo(x + size, y);
      context.lineTo(x, y + size);
      context.lineTo(x - size, y);
    }
    context.fill();
  }

  radius(k) {
    return Math.max(this.stage.sizes[k] * this.view.scale, this.stage.ids.length > 5000 ? 1.5 : 2.4);
  }

  paintNodes(width, height) {
    const { context, px, py, stage } = this;
    for (let k = 0; k < px.length; k++) {
      const radius = this.radius(k);
      if (px[k] < -radius || py[k] < -radius || px[k] > width + radius || py[k] > height + radius) continue;
      const sprite = this.sprite(stage.labels[k], radius, stage.ids[k] === stage.focus);
      context.globalAlpha = !stage.lit || stage.lit.nodes.has(k) ? 1 : FADED + 0.07;
      const side = sprite.width / devicePixelRatio;
      context.drawImage(sprite, px[k] - side / 2, py[k] - side / 2, side, side);
    }
    context.globalAlpha = 1;
  }

  // A node of a class, drawn once for each size.
  sprite(label, radius, focused) {
    const size = Math.round(radius * 4) / 4, key = `${label} ${size} ${focused} ${devicePixelRatio}`;
    if (this.sprites.has(key)) return this.sprites.get(key);
    if (this.sprites.size > 400) this.sprites.clear();
    const { classes, outline, text } = this.stage.style, { color, shape } = classes[label];
    const sprite = document.createElement("canvas");
    sprite.width = sprite.height = Math.ceil((3.2 * size + 4) * devicePixelRatio);
    const context = sprite.getContext("2d");
    context.scale(devicePixelRatio, devicePixelRatio);
    const middle = sprite.width / devicePixelRatio / 2;
    traceShape(context, shape, middle, middle, size);
    context.fillStyle = color;
    context.fill();
    context.lineWidth = focused ? 3 : Math.min(1, 0.14 * size); // outlines of many small nodes would hide their colours
    context.strokeStyle = focused ? text : outline;
    context.stroke();
    this.sprites.set(key, sprite);
    return sprite;
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.fade);
    clearTimeout(this.rest);
    this.observer.disconnect();
    this.canvas.remove();
  }
}
