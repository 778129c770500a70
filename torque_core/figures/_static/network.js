// Draws networks with vis-network. Its bundle precedes this script; network_camera.js, network_pointer.js and
// network_image.js follow it, then the code of the host: the app (component.js), a notebook (widget.js), or a page. A
// host calls draw(root, data, report) only. The data format is defined in torque_core/figures/network.py. The selection
// is part of the data: user gestures are only reported, not applied.

const canvases = new Map(); // by root element
const LARGE = 60; // nodes; above it they are drawn smaller
const FEW = 400; // edges up to which arrowheads are drawn in a directed graph
const [FORTH, BACK, BOTH] = [1, 2, 3]; // directions of an edge: from source to target, from target to source
const MAX_EDGES_WHILE_MOVING = 2000; // with more, edges are hidden while the camera moves
const ICONS = {
  box: '<path d="M4 8V4h4M11 4h3M17 4h3v4M20 11v3M20 17v3h-4M13 20h-3M7 20H4v-4M4 13v-2"/>',
  lasso: '<path d="M7 16C2 13 3 5 11 4s12 6 8 10-9 4-12 2m0 0c-2 1-2 4 1 4" stroke-dasharray="4 2.5"/>',
  save: '<path d="M12 4v11M7 10l5 5 5-5M4 20h16"/>',
  all: '<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>',
};

// Draw a network in an element, or update the one that it contains. A gesture calls report(nodes, edges, add); without
// data.listens nothing can be selected. Returns a function that removes the network.
function draw(root, data, report) {
  if (!canvases.has(root)) canvases.set(root, new Canvas(root));
  canvases.get(root).update(data, data.listens ? report : null);
  return () => canvases.get(root)?.destroy();
}

const bytes = (column) => Uint8Array.from(atob(column), (letter) => letter.charCodeAt(0));
const integers = (column) => new Int32Array(bytes(column).buffer);
const reals = (column) => new Float32Array(bytes(column).buffer);
const pairKey = (i, j) => (i < j ? `${i}-${j}` : `${j}-${i}`);

// Update a vis-network data set so that it contains the wanted elements, touching only those that changed. Both maps
// contain a signature of the appearance of each element by id.
function synchronise(dataSet, drawn, wanted, element) {
  const removed = [...drawn.keys()].filter((id) => !wanted.has(id));
  const changed = [...wanted.keys()].filter((id) => drawn.get(id) !== wanted.get(id));
  if (removed.length) dataSet.remove(removed);
  if (changed.length) dataSet.update(changed.map(element));
}

class Canvas {
  constructor(root) {
    this.root = root;
    this.frame = document.createElement("div");
    this.frame.className = "network";
    const button = (name, label, title, attributes = "") =>
      `<button type="button" class="${name}" aria-label="${label}" title="${title}" ${attributes}>
        <svg viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg></button>`;
    this.frame.innerHTML =
      '<div class="picture" role="application" tabindex="0"></div><div class="tools">' +
      button("box", "Box selection", "Box selection (or hold Shift and drag)", 'aria-pressed="false"') +
      button("lasso", "Lasso selection", "Lasso selection: drag around nodes and edges", 'aria-pressed="false"') +
      button("all", "Show all", "Show all (0)") +
      button("save", "Save image", "Save an image of the current view") +
      '</div><svg class="area" aria-hidden="true" hidden><polygon/></svg><div class="tip" hidden></div>';
    root.append(this.frame);
    const parts = ["picture", "box", "lasso", "all", "save", "area", "polygon", "tip"];
    for (const part of parts) this[part] = this.frame.querySelector(part === "polygon" ? part : `.${part}`);
    this.drawnNodes = new Map();
    this.drawnEdges = new Map();
    this.camera = new Camera(this);
    this.pointer = new Pointer(this);
  }

  update(data, report) {
    Object.assign(this, { report, imageFormat: data.image });
    this.camera.name = data.camera;
    this.box.hidden = this.lasso.hidden = !report;
    this.picture.setAttribute("aria-label", data.alt);
    this.frame.style.height = `${data.height}px`;
    const selection = JSON.stringify([data.nodes, data.edges]);
    const selectionChanged = selection !== this.selection;
    this.selection = selection;
    this.selected = { nodes: data.nodes ?? [], edges: data.edges ?? [] };
    const text = JSON.stringify(data.network);
    const moved = text !== this.text && this.read(data.network);
    if (text !== this.text) this.fill(moved);
    this.text = text;
    if (moved) this.camera.fit();
    else if (selectionChanged) this.network.redraw();
  }

  // Decode the columns. Returns true if nodes were added, removed or moved.
  read({ nodes, edges, style, rings = [] }) {
    const layout = nodes.id + nodes.x + nodes.y;
    const moved = layout !== this.layout;
    this.layout = layout;
    this.ids = integers(nodes.id);
    this.labels = integers(nodes.label);
    this.names = nodes.name ?? [...this.ids].map(String);
    this.about = { node: nodes.about, edge: edges.about };
    this.focus = nodes.focus;
    const defaultSize = this.ids.length <= LARGE ? 13 : 8;
    this.sizes = [...this.ids].map((id) => (id === nodes.focus ? 22 : defaultSize));
    if (moved) {
      const side = (this.side = Math.max(650, 27 * Math.sqrt(this.ids.length))); // leaves space around each node
      // vis-network expects integers and a y axis that points down
      this.x = reals(nodes.x).map((x) => Math.round(x * side));
      this.y = reals(nodes.y).map((y) => Math.round(-y * side));
      this.indexOf = new Map([...this.ids].map((id, k) => [id, k]));
    }
    this.source = integers(edges.source);
    this.target = integers(edges.target);
    this.fate = bytes(edges.fate);
    this.injected = bytes(edges.injected);
    this.weight = edges.weight && reals(edges.weight);
    this.direction = edges.direction && bytes(edges.direction);
    this.numbers = Object.entries(edges.numbers).map(([name, column]) => [name, reals(column)]);
    Object.assign(this, { style, rings });
    return moved;
  }

  // Pass new or changed nodes and edges to vis-network.
  fill(moved) {
    const { style } = this;
    for (const name of ["background", "text", "outline"]) this.frame.style.setProperty(`--${name}`, style[name]);
    this.frame.style.setProperty("--ring", style.fates[2].color);
    const edgeIndex = new Map([...this.source].map((source, k) => [pairKey(source, this.target[k]), k]));
    const table = JSON.stringify(style);
    const nodes = new Map(
      [...this.ids].map((id, k) => [id, [this.labels[k], this.names[k], this.sizes[k], table].join()]),
    );
    const edges = new Map([...edgeIndex].map(([pair, k]) => [pair, [this.fate[k], this.injected[k], this.direction?.[k], table].join()]));
    const withArrows = this.direction && edgeIndex.size <= FEW;
    const arrowhead = (enabled) => ({ enabled: Boolean(withArrows && enabled), type: "arrow", scaleFactor: 0.5 });
    const edge = (pair) => {
      const k = edgeIndex.get(pair), { color, width, dashes } = style.fates[this.fate[k]];
      const arrows = {
        to: arrowhead(this.direction?.[k] & FORTH),
        from: arrowhead(this.direction?.[k] & BACK),
        middle: { enabled: this.injected[k] === 1, type: "diamond", scaleFactor: 0.5 },
      };
      return { color: { color }, width, dashes, arrows, id: pair, from: this.source[k], to: this.target[k] };
    };
    const node = (id) => this.node(this.indexOf.get(id));
    if (moved) {
      this.nodeSet = new vis.DataSet([...nodes.keys()].map(node));
      this.edgeSet = new vis.DataSet([...edgeIndex.keys()].map(edge));
      this.start({ nodes: this.nodeSet, edges: this.edgeSet });
    } else {
      const { emitter } = this.network.body; // otherwise each part of the change would redraw everything
      emitter.emit("_blockRedraw");
      synchronise(this.nodeSet, this.drawnNodes, nodes, node);
      synchronise(this.edgeSet, this.drawnEdges, edges, edge);
      emitter.emit("_allowRedraw");
      emitter.emit("_requestRedraw");
    }
    Object.assign(this, { drawnNodes: nodes, drawnEdges: edges, edgeIndex });
  }

  node(k) {
    const { style, focus } = this;
    const { color, shape } = style.classes[this.labels[k]];
    const focused = this.ids[k] === focus;
    return {
      id: this.ids[k],
      label: this.names[k],
      x: this.x[k],
      y: this.y[k],
      shape,
      size: this.sizes[k],
      borderWidth: focused ? 4 : 1,
      color: { background: color, border: focused ? style.text : style.outline },
      font: { color: style.text, size: this.ids.length <= LARGE ? 16 : 11 },
    };
  }

  // Create the vis-network instance, or replace its data.
  start(data) {
    const hideEdges = data.edges.length > MAX_EDGES_WHILE_MOVING;
    const label = { drawThreshold: data.nodes.length <= LARGE ? 8 : 15 }; // draw names only if they are legible
    const options = {
      interaction: {
        selectable: false, selectConnectedEdges: false, hideEdgesOnDrag: hideEdges, hideEdgesOnZoom: hideEdges,
      },
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
    this.picture.firstChild.removeAttribute("tabindex"); // the surrounding element has the keyboard focus
    this.network.on("afterDrawing", (context) => {
      this.outlineSelection(context);
      this.camera.synchronise();
    });
    this.network.on("dragEnd", () => this.keepDraggedNodes());
    this.camera.listen();
    this.pointer.listen();
    this.save.onclick = () => saveNetwork(this, this.imageFormat);
  }

  // Draw selected elements on top, wider and with a double outline, independent of the zoom level.
  outlineSelection(context) {
    const { background, text, fates } = this.style;
    const pixel = 1 / this.network.getScale();
    context.lineJoin = "round";
    for (const pair of this.selected.edges) {
      const k = this.edgeIndex.get(pairKey(...pair));
      if (k === undefined) continue;
      const [i, j] = this.endsOf(k).map((id) => this.indexOf.get(id));
      const [from, to] = [i, j].map((end) => this.positionOf(end));
      const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
      const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
      const line = new Path2D(); // from node boundary to node boundary
      line.moveTo(from.x + dx * this.sizes[i], from.y + dy * this.sizes[i]);
      line.lineTo(to.x - dx * this.sizes[j], to.y - dy * this.sizes[j]);
      const diamond = new Path2D();
      const [x, y, size] = [(from.x + to.x) / 2, (from.y + to.y) / 2, 7 * pixel];
      for (const [right, down] of [[1, 0], [0, 1], [-1, 0], [0, -1]]) diamond.lineTo(x + size * right, y + size * down);
      diamond.closePath();
      const { color, width, dashes } = fates[this.fate[k]];
      const lineWidth = Math.max(1.5 * width, 3 * pixel);
      for (const [paint, extraWidth] of [[text, 8 * pixel], [background, 4 * pixel], [color, 0]]) {
        context.strokeStyle = context.fillStyle = paint;
        context.setLineDash((paint === color && dashes) || []);
        context.lineWidth = lineWidth + extraWidth;
        context.stroke(line);
        context.setLineDash([]);
        if (!this.injected[k]) continue;
        context.lineWidth = extraWidth + pixel;
        context.stroke(diamond);
        context.fill(diamond);
      }
    }
    for (const id of this.selected.nodes) {
      if (!this.indexOf.has(id)) continue;
      const { x, y } = this.positionOf(this.indexOf.get(id));
      const radius = this.sizes[this.indexOf.get(id)] * 1.15 + 3 * pixel;
      for (const [paint, width] of [[background, 6], [text, 3]]) {
        context.strokeStyle = paint;
        context.lineWidth = width * pixel;
        context.beginPath();
        context.arc(x, y, radius, 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  // vis-network knows where a dragged node is, but not yet the nodes of data that it is only about to receive.
  positionOf(k) {
    const { x, y } = this.network.body.nodes[this.ids[k]] ?? { x: this.x[k], y: this.y[k] };
    return { x, y };
  }

  // Fate of an edge, and whether it is drawn.
  fateOf(k) {
    return this.fate[k];
  }

  isVisible() {
    return true;
  }

  // Between the ends in the order of endsOf.
  arrowOf(k) {
    const arrow = { [FORTH]: "→", [BACK]: "←", [BOTH]: "↔" }[this.direction?.[k]] ?? "–";
    return this.source[k] < this.target[k] ? arrow : { "→": "←", "←": "→" }[arrow] ?? arrow;
  }

  endsOf(k) {
    return [this.source[k], this.target[k]].sort((i, j) => i - j);
  }

  // Store the new positions of nodes that the user dragged.
  keepDraggedNodes() {
    const dragged = [];
    this.ids.forEach((id, k) => {
      const { x, y } = this.network.getPosition(id);
      if (Math.hypot(x - this.x[k], y - this.y[k]) < 1) return;
      [this.x[k], this.y[k]] = [x, y];
      dragged.push({ id, x, y });
    });
    if (dragged.length) this.nodeSet.update(dragged);
  }

  destroy() {
    canvases.delete(this.root);
    this.network?.destroy(); // undefined if its construction failed
    this.frame.remove();
  }
}
