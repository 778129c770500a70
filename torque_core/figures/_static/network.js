// Draws networks with vis-network, whose bundle stands before this text, as network_image.js does: as a component of
// the app, and in a page of its own. torque_core/figures/network.py says what the data hold. All that is selected comes
// in with them; gestures are only reported.

const canvases = new Map(); // by the element that each stands in
const LARGE = 60; // nodes; beyond it they are drawn smaller
const MANY = 2000; // links; beyond it they vanish while the picture moves
const REACH = 6; // pixels between the pointer and what it points at
const MARGIN = 30; // pixels around the network where it fits
const ICONS = {
  box: '<path d="M4 8V4h4M11 4h3M17 4h3v4M20 11v3M20 17v3h-4M13 20h-3M7 20H4v-4M4 13v-2"/>',
  lasso: '<path d="M7 16C2 13 3 5 11 4s12 6 8 10-9 4-12 2m0 0c-2 1-2 4 1 4" stroke-dasharray="4 2.5"/>',
  save: '<path d="M12 4v11M7 10l5 5 5-5M4 20h16"/>',
  all: '<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>',
};

export default function ({ data, parentElement, setTriggerValue }) {
  draw(parentElement, data, (nodes, edges, add) => setTriggerValue("gesture", { nodes, edges, add }));
  return () => canvases.get(parentElement)?.destroy();
}

// Draw a network in an element, or bring up to date the one that is there. Without `report` nothing can be selected.
function draw(root, data, report) {
  if (!canvases.has(root)) canvases.set(root, new Canvas(root));
  canvases.get(root).update(data, data.listens ? report : null);
}

const bytes = (column) => Uint8Array.from(atob(column), (letter) => letter.charCodeAt(0));
const integers = (column) => new Int32Array(bytes(column).buffer);
const reals = (column) => new Float32Array(bytes(column).buffer);
const pairOf = (i, j) => (i < j ? `${i}-${j}` : `${j}-${i}`);
const adds = (event) => event.ctrlKey || event.metaKey || event.shiftKey;

// Bring a data set to the wanted elements, and touch no other. Both maps hold a mark by id that says how each looks.
function synchronise(set, drawn, wanted, element) {
  const gone = [...drawn.keys()].filter((id) => !wanted.has(id));
  const changed = [...wanted.keys()].filter((id) => drawn.get(id) !== wanted.get(id));
  if (gone.length) set.remove(gone);
  if (changed.length) set.update(changed.map(element));
}

class Canvas {
  constructor(root) {
    this.root = root;
    this.frame = document.createElement("div");
    this.frame.className = "network";
    const button = (name, label, title, more = "") =>
      `<button type="button" class="${name}" aria-label="${label}" title="${title}" ${more}>
        <svg viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg></button>`;
    this.frame.innerHTML =
      '<div class="picture" role="application" tabindex="0"></div><div class="tools">' +
      button("box", "Select a box", "Select what a box holds (Shift and drag)", 'aria-pressed="false"') +
      button("lasso", "Select by lasso", "Select what a line around it holds: drag", 'aria-pressed="false"') +
      button("all", "Show all", "Show all (0)") +
      button("save", "Save the picture", "Save the picture as it is seen now") +
      '</div><svg class="area" aria-hidden="true" hidden><polygon/></svg><div class="tip" hidden></div>';
    root.append(this.frame);
    const parts = ["picture", "box", "lasso", "all", "save", "area", "polygon", "tip"];
    for (const part of parts) this[part] = this.frame.querySelector(part === "polygon" ? part : `.${part}`);
    this.drawnNodes = new Map();
    this.drawnLinks = new Map();
    this.armed = null;
  }

  update(data, report) {
    Object.assign(this, { report, camera: data.camera, image: data.image });
    this.box.hidden = this.lasso.hidden = !report;
    this.picture.setAttribute("aria-label", data.alt);
    this.frame.style.height = `${data.height}px`;
    const marked = JSON.stringify([data.nodes, data.edges]);
    const again = marked !== this.marked;
    Object.assign(this, { marked, selected: { nodes: data.nodes ?? [], edges: data.edges ?? [] } });
    const text = JSON.stringify(data.network);
    const moved = text !== this.text && this.read(data.network);
    if (text !== this.text) this.fill(moved);
    this.text = text;
    if (moved) this.fit();
    else if (again) this.network.redraw();
  }

  // Take over the columns; true if nodes came, went or moved.
  read({ nodes, edges, style }) {
    const place = nodes.id + nodes.x + nodes.y;
    const moved = place !== this.place;
    this.place = place;
    this.id = integers(nodes.id);
    this.label = integers(nodes.label);
    this.name = nodes.name ?? [...this.id].map(String);
    this.focus = nodes.focus;
    const usual = this.id.length <= LARGE ? 13 : 8;
    this.size = [...this.id].map((id) => (id === nodes.focus ? 22 : usual));
    if (moved) {
      const side = Math.max(650, 27 * Math.sqrt(this.id.length)); // room for every node
      // vis-network takes whole numbers, and counts downwards
      this.x = reals(nodes.x).map((x) => Math.round(x * side));
      this.y = reals(nodes.y).map((y) => Math.round(-y * side));
      this.at = new Map([...this.id].map((id, k) => [id, k]));
    }
    this.source = integers(edges.source);
    this.target = integers(edges.target);
    this.fate = bytes(edges.fate);
    this.injected = bytes(edges.injected);
    this.numbers = Object.entries(edges.numbers).map(([name, column]) => [name, reals(column)]);
    this.style = style;
    return moved;
  }

  // Give vis-network what it lacks.
  fill(moved) {
    const { style } = this;
    for (const name of ["background", "text", "outline"]) this.frame.style.setProperty(`--${name}`, style[name]);
    this.frame.style.setProperty("--ring", style.fates[2].color);
    const link = new Map([...this.source].map((source, k) => [pairOf(source, this.target[k]), k]));
    const table = JSON.stringify(style);
    const nodes = new Map([...this.id].map((id, k) => [id, [this.label[k], this.name[k], this.size[k], table].join()]));
    const links = new Map([...link].map(([pair, k]) => [pair, [this.fate[k], this.injected[k], table].join()]));
    const looks = style.fates.map(({ color, width, dashes }) => [
      { color: { color }, width, dashes, arrows: "" },
      { color: { color }, width, dashes, arrows: { middle: { enabled: true, type: "diamond", scaleFactor: 0.5 } } },
    ]);
    const edge = (pair) => {
      const k = link.get(pair);
      return { ...looks[this.fate[k]][this.injected[k]], id: pair, from: this.source[k], to: this.target[k] };
    };
    const node = (id) => this.node(this.at.get(id));
    if (moved) {
      this.nodes = new vis.DataSet([...nodes.keys()].map(node));
      this.edges = new vis.DataSet([...link.keys()].map(edge));
      this.begin({ nodes: this.nodes, edges: this.edges });
    } else {
      const { emitter } = this.network.body; // else every part of the change would draw all
      emitter.emit("_blockRedraw");
      synchronise(this.nodes, this.drawnNodes, nodes, node);
      synchronise(this.edges, this.drawnLinks, links, edge);
      emitter.emit("_allowRedraw");
      emitter.emit("_requestRedraw");
    }
    Object.assign(this, { drawnNodes: nodes, drawnLinks: links, link });
  }

  node(k) {
    const { style, focus } = this;
    const { color, shape } = style.classes[this.label[k]];
    const chosen = this.id[k] === focus;
    return {
      id: this.id[k],
      label: this.name[k],
      x: this.x[k],
      y: this.y[k],
      shape,
      size: this.size[k],
      borderWidth: chosen ? 4 : 1,
      color: { background: color, border: chosen ? style.text : style.outline },
      font: { color: style.text, size: this.id.length <= LARGE ? 16 : 11 },
    };
  }

  begin(data) {
    const many = data.edges.length > MANY;
    const label = { drawThreshold: data.nodes.length <= LARGE ? 8 : 15 }; // names are drawn where one can read them
    const options = {
      interaction: { selectable: false, selectConnectedEdges: false, hideEdgesOnDrag: many, hideEdgesOnZoom: many },
      nodes: { chosen: false, scaling: { label } },
      edges: { chosen: false, smooth: false, selectionWidth: 0, hoverWidth: 0 },
    };
    if (this.network) {
      this.network.setOptions(options);
      this.network.setData(data);
      return;
    }
    Object.assign(options, { physics: false, layout: { improvedLayout: false } });
    this.network = new vis.Network(this.picture, data, options);
    this.picture.firstChild.removeAttribute("tabindex"); // the picture itself takes the keys
    this.network.on("afterDrawing", (context) => {
      this.outline(context);
      this.share();
    });
    this.network.on("click", ({ pointer, event }) => this.pick(pointer.DOM, adds(event.srcEvent)));
    this.network.on("dragEnd", () => this.settle());
    this.network.on("zoom", () => this.take());
    this.network.on("dragStart", ({ nodes }) => nodes.length || this.take());
    this.network.on("resize", () => this.taken || this.fit()); // it may have begun before its place was as wide as it is
    this.picture.addEventListener("keydown", (event) => this.press(event));
    this.picture.addEventListener("pointermove", (event) => this.hover(event));
    this.picture.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.picture.addEventListener("pointerdown", (event) => this.span(event), { capture: true });
    this.all.onclick = () => this.fit();
    this.save.onclick = () => saveNetwork(this, this.image);
    for (const name of ["box", "lasso"]) this[name].onclick = () => this.arm(this.armed === name ? null : name);
  }

  // ---- What is selected lies on top, wider and within a second outline, at any zoom.

  outline(context) {
    const { background, text, fates } = this.style;
    const pixel = 1 / this.network.getScale();
    context.lineJoin = "round";
    for (const pair of this.selected.edges) {
      const k = this.link.get(pairOf(...pair));
      if (k === undefined) continue;
      const [i, j] = this.ends(k).map((id) => this.at.get(id));
      const [from, to] = [i, j].map((end) => this.network.getPosition(this.id[end]));
      const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
      const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
      const line = new Path2D(); // between the nodes, not over them
      line.moveTo(from.x + dx * this.size[i], from.y + dy * this.size[i]);
      line.lineTo(to.x - dx * this.size[j], to.y - dy * this.size[j]);
      const mark = new Path2D();
      const [x, y, size] = [(from.x + to.x) / 2, (from.y + to.y) / 2, 7 * pixel];
      for (const [across, down] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) mark.lineTo(x + size * across, y + size * down);
      mark.closePath();
      const { color, width, dashes } = fates[this.fate[k]];
      const wide = Math.max(1.5 * width, 3 * pixel);
      for (const [paint, wider] of [[text, 8 * pixel], [background, 4 * pixel], [color, 0]]) {
        context.strokeStyle = context.fillStyle = paint;
        context.setLineDash((paint === color && dashes) || []);
        context.lineWidth = wide + wider;
        context.stroke(line);
        context.setLineDash([]);
        if (!this.injected[k]) continue;
        context.lineWidth = wider + pixel;
        context.stroke(mark);
        context.fill(mark);
      }
    }
    for (const id of this.selected.nodes) {
      if (!this.at.has(id)) continue;
      const { x, y } = this.network.getPosition(id);
      const radius = this.size[this.at.get(id)] * 1.15 + 3 * pixel;
      for (const [paint, width] of [[background, 6], [text, 3]]) {
        context.strokeStyle = paint;
        context.lineWidth = width * pixel;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  // ---- Pointing, clicking, and drawing an area

  // The node or the link at a point of the screen: its place in the columns. Nodes lie on top.
  under(point) {
    const { x, y } = this.network.DOMtoCanvas(point);
    const reach = REACH / this.network.getScale();
    let found = {}, nearest = Infinity;
    for (let k = 0; k < this.id.length; k++) {
      const distance = Math.hypot(this.x[k] - x, this.y[k] - y);
      if (distance < nearest && distance <= Math.max(reach, this.size[k])) [found, nearest] = [{ node: k }, distance];
    }
    if (found.node !== undefined) return found;
    nearest = reach;
    for (const k of this.link.values()) {
      const i = this.at.get(this.source[k]), j = this.at.get(this.target[k]);
      const [ax, ay] = [this.x[i], this.y[i]];
      const [dx, dy] = [this.x[j] - ax, this.y[j] - ay];
      const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      const distance = Math.hypot(ax + along * dx - x, ay + along * dy - y);
      if (distance < nearest) [found, nearest] = [{ link: k }, distance];
    }
    return found;
  }

  pick(point, add) {
    const { node, link } = this.under(point);
    if (node !== undefined) this.report?.([this.id[node]], [], add);
    else if (link !== undefined) this.report?.([], [this.ends(link)], add);
    else if (!add) this.report?.([], [], false);
  }

  ends(k) {
    return [this.source[k], this.target[k]].sort((i, j) => i - j);
  }

  hover(event) {
    const point = this.point(event);
    const { node, link } = event.buttons ? {} : this.under(point);
    this.tip.hidden = node === undefined && link === undefined;
    if (this.tip.hidden) return;
    this.tip.textContent = node === undefined ? this.about(link) : this.aboutNode(node);
    const { clientWidth, clientHeight } = this.frame;
    this.tip.style.left = `${Math.max(0, Math.min(point.x + 12, clientWidth - this.tip.offsetWidth))}px`;
    this.tip.style.top = `${Math.max(0, Math.min(point.y + 12, clientHeight - this.tip.offsetHeight))}px`;
  }

  aboutNode(k) {
    return `${this.name[k]}: class ${this.style.classes[this.label[k]].name}`;
  }

  about(k) {
    const [from, to] = this.ends(k).map((id) => this.name[this.at.get(id)]);
    const noise = this.injected[k] ? ", injected by the noise" : "";
    const [[, torque], ...factors] = this.numbers;
    const fate = `${from} – ${to}: ${this.style.fates[this.fate[k]].name}`;
    if (Number.isNaN(torque[k])) return `${fate} in an earlier layer${noise}`;
    const product = factors.map(([name, values]) => `${name} ${values[k].toFixed(3)}`).join(" × ");
    return `${fate}${noise}\ntorque ${torque[k].toFixed(3)} = ${product}`;
  }

  point(event) {
    const { left, top } = this.picture.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  // From now on dragging draws a box or a lasso, or moves the picture again.
  arm(name) {
    this.armed = name;
    this.picture.classList.toggle("armed", name !== null);
    for (const each of ["box", "lasso"]) this[each].setAttribute("aria-pressed", each === name);
  }

  // With Shift, or after a button, dragging draws an area; vis-network does not hear of it.
  span(event) {
    const shape = event.shiftKey ? "box" : this.armed;
    if (!this.report || event.button || !shape) return;
    event.stopPropagation();
    this.picture.setPointerCapture(event.pointerId);
    const from = this.point(event);
    let corners = [from];
    const stretch = (moved) => {
      const to = this.point(moved);
      if (shape === "lasso") corners.push(to);
      else corners = [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }];
      this.area.toggleAttribute("hidden", corners.every(({ x, y }) => Math.hypot(x - from.x, y - from.y) < REACH));
      this.polygon.setAttribute("points", corners.map(({ x, y }) => `${x},${y}`).join(" "));
    };
    const done = (last) => {
      this.picture.removeEventListener("pointermove", stretch);
      this.picture.removeEventListener("pointerup", done);
      this.picture.removeEventListener("pointercancel", done);
      const drawn = !this.area.hasAttribute("hidden");
      this.area.toggleAttribute("hidden", true);
      if (last.type === "pointercancel") return;
      drawn ? this.pickWithin(corners, adds(last)) : this.pick(from, adds(last));
    };
    this.picture.addEventListener("pointermove", stretch);
    this.picture.addEventListener("pointerup", done);
    this.picture.addEventListener("pointercancel", done);
  }

  // The nodes within a polygon of the screen, and the links that have both ends there.
  pickWithin(corners, add) {
    const polygon = new Path2D();
    for (const { x, y } of corners.map((corner) => this.network.DOMtoCanvas(corner))) polygon.lineTo(x, y);
    const context = document.createElement("canvas").getContext("2d");
    const nodes = [...this.id].filter((_, k) => context.isPointInPath(polygon, this.x[k], this.y[k], "evenodd"));
    const among = new Set(nodes);
    const links = [...this.link.values()].filter((k) => among.has(this.source[k]) && among.has(this.target[k]));
    this.report(nodes, links.map((k) => this.ends(k)), add);
  }

  // A node was dragged: it stays where it is put.
  settle() {
    const moved = [];
    this.id.forEach((id, k) => {
      const { x, y } = this.network.getPosition(id);
      if (Math.hypot(x - this.x[k], y - this.y[k]) < 1) return;
      [this.x[k], this.y[k]] = [x, y];
      moved.push({ id, x, y });
    });
    if (moved.length) this.nodes.update(moved);
  }

  // ---- The camera, which canvases of one name share

  press(event) {
    const { key } = event;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const zoom = { "+": 1.25, "=": 1.25, "-": 0.8 }[key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(step || zoom || key === "0")) return;
    event.preventDefault();
    event.stopPropagation();
    const { x, y, scale } = this.view();
    if (key === "0") this.fit();
    else this.take();
    if (zoom) this.show({ x, y, scale: scale * zoom });
    else if (step) this.show({ x: x + (60 * step[0]) / scale, y: y + (60 * step[1]) / scale, scale });
  }

  view() {
    return { ...this.network.getViewPosition(), scale: this.network.getScale() };
  }

  show({ x, y, scale }) {
    this.network.moveTo({ position: { x, y }, scale });
  }

  // Show all nodes of this canvas and of those that share its camera.
  fit() {
    const { clientWidth, clientHeight } = this.picture;
    if (!clientWidth || !clientHeight) return;
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const canvas of [this, ...this.peers()]) {
      for (const x of canvas.x) [left, right] = [Math.min(left, x), Math.max(right, x)];
      for (const y of canvas.y) [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    const [width, height] = [clientWidth, clientHeight].map((side) => Math.max(side - 2 * MARGIN, MARGIN));
    const scale = Math.min(width / (right - left), height / (bottom - top), 1);
    const all = left <= right ? { x: (left + right) / 2, y: (top + bottom) / 2, scale } : { x: 0, y: 0, scale: 1 };
    this.take(false);
    for (const canvas of [this, ...this.peers()]) {
      if (!canvas.network) continue;
      canvas.seen = {};
      canvas.show(all); // at once: one that was fitted and not drawn yet would pass on what it alone had shown
    }
  }

  // Somebody moves the camera, which then stays as it is when the place of the canvas grows or shrinks.
  take(taken = true) {
    for (const canvas of [this, ...this.peers()]) canvas.taken = taken;
  }

  peers() {
    return [...canvases.values()].filter((canvas) => canvas !== this && this.camera && canvas.camera === this.camera);
  }

  // After each drawing: if the camera moved here, move the others. What they then draw is no move of theirs.
  share() {
    if (!this.seen) return;
    const now = this.view();
    const away = Math.hypot(now.x - this.seen.x, now.y - this.seen.y) * now.scale; // in pixels
    if (away < 0.01 && now.scale === this.seen.scale) return;
    this.follow();
    for (const canvas of this.peers()) {
      if (!canvas.network) continue;
      canvas.show(now);
      canvas.follow();
    }
  }

  follow() {
    this.seen = this.view();
    const { x, y, scale } = this.seen;
    this.frame.dataset.camera = [x, y, scale].join(" "); // says where nodes are, to whoever drives the browser
  }

  destroy() {
    canvases.delete(this.root);
    this.network?.destroy(); // none if it failed to begin
    this.frame.remove();
  }
}
