// The stage: the figure of every graph in the app. It draws the data of torque_core/figures/network.py on a canvas of its
// own and recolours all edges while the cut moves. network.js, network_camera.js, network_pointer.js and network_image.js
// precede it (without the vis-network bundle); stage_group.js, stage_counts.js, stage_painter.js, stage_marks.js,
// stage_cut.js, stage_numbers.js and stage_steps.js belong to it. A host calls drawStage(root, data, report) only:
//   data.part  "stage", "cut" (stage_cut.js), "numbers" (stage_numbers.js), "steps" (stage_steps.js), "film" (film.js) or
//     "game" (game.js)
//   data.group  name of the view; its parts share the cut and what is shown
//   data.live  null if the fates of the edges are fixed, else { cut, rule, additions, serial }: the threshold (null: prune
//     nothing), that of the cut rule, the largest fraction of added edges, and the serial number of the last cut that the
//     host was told
//   data.shown  "before", "changes" or "after"; null without a choice
//   data.steps  null, or the graphs that the control of the step (stage_steps.js) shows, with the same nodes: a list of
//     { title, alt, edges }, with edges in place of those of data.network
//   data.title  above the graph, if there are no steps
//   data.numbers  whether the stage itself shows what the cut does
//   data.network, height, alt, nodes, edges, camera, image, listens  as for draw() in network.js
// report(name, value) is called with
//   "gesture", { nodes, edges, add }  as for draw()
//   "cut", { value, serial }  when the cut was moved; the value is a text, empty to reset it
//   "shown", name  when the user chooses what is shown

const GONE = 3; // fate of an edge that is not drawn: not in this layer, or an addition beyond the budget
const TITLES = { before: "Before", changes: "What changes", after: "After" };
const PARTS = {};
const mounted = new Map(); // by root element

function drawStage(root, data, report) {
  if (!mounted.has(root)) mounted.set(root, new PARTS[data.part](root));
  mounted.get(root).update(data, report);
  return () => {
    mounted.get(root)?.destroy();
    mounted.delete(root);
  };
}

class Stage extends Canvas {
  constructor(root) {
    super(root);
    canvases.set(root, this); // for cameras of the same name
    this.frame.classList.add("stage");
    this.bar = document.createElement("div");
    this.bar.className = "stage-bar";
    this.bar.innerHTML = '<div class="title"></div><div class="shown" role="radiogroup" aria-label="What is shown"></div><div></div>';
    this.frame.before(this.bar);
    this.legend = document.createElement("ul");
    this.legend.className = "stage-legend";
    this.frame.after(this.legend);
    this.spoken = document.createElement("div");
    this.spoken.className = "spoken";
    this.spoken.setAttribute("aria-live", "polite");
    this.frame.append(this.spoken);
    this.picture.addEventListener("keydown", (event) => this.onKey(event));
  }

  update(data, report) {
    this.host = report;
    this.live = data.live;
    this.hasNumbers = data.numbers;
    this.group = Group.of(data.group);
    this.group.parts.add(this);
    if (data.live) this.group.receive(data.live);
    const previous = this.selection;
    this.hasSwitch = data.shown !== null;
    this.data = data;
    super.update(this.stepOf(data), data.listens ? (nodes, edges, add) => report("gesture", { nodes, edges, add }) : null);
    if (previous !== this.selection) this.lightSelection();
    if (this.hasSwitch) this.group.show(data.shown);
    if (!this.network.visible) this.onShown();
    this.onCut();
  }

  // The data of the step that is shown.
  stepOf(data) {
    const step = data.steps?.[Math.min(this.group.step ?? 0, data.steps.length - 1)];
    this.bar.querySelector(".title").textContent = step?.title ?? data.title ?? "";
    return step ? { ...data, alt: step.alt, network: { ...data.network, edges: step.edges } } : data;
  }

  onStep() {
    if (this.data?.steps) super.update(this.stepOf(this.data), this.report);
  }

  get shown() {
    return this.hasSwitch ? this.group.shown : "changes";
  }

  // Called by Canvas when the data have changed; the canvas of its own needs no copy of them.
  fill(moved) {
    const { style } = this;
    for (const part of [this.bar, this.frame, this.legend]) {
      for (const name of ["background", "text", "outline"]) part.style.setProperty(`--${name}`, style[name]);
      part.style.setProperty("--ring", style.fates[2].color);
    }
    this.edgeIndex = new Map([...this.source].map((source, k) => [pairKey(source, this.target[k]), k]));
    this.from = this.source.map((id) => this.indexOf.get(id));
    this.to = this.target.map((id) => this.indexOf.get(id));
    this.walker = undefined;
    [[, this.torque] = []] = this.numbers;
    this.counts = this.live && new EdgeCounts({ ...this, source: this.from, target: this.to, ...this.live });
    if (!this.network) {
      this.network = new Painter(this);
      this.network.on("afterDrawing", () => this.camera.synchronise());
      this.camera.listen();
      this.pointer.listen();
      this.save.onclick = () => saveNetwork(this, this.imageFormat);
    }
    this.network.sprites.clear();
    this.fillLegend();
    this.lightSelection();
    if (!moved) this.network.redraw();
  }

  // The cut of the group moved, or came to rest.
  onCut() {
    if (!this.counts) return;
    const { threshold, byHand, moving } = this.group;
    this.now = this.counts.at(threshold, byHand);
    this.rest = new Set(this.counts.added.slice(this.now.added));
    this.network[moving ? "moved" : "redraw"]();
    this.group.tell(this.now);
    if (this.hasNumbers) fillNumbers(this.bar.lastChild, { now: this.now, before: this.counts.before });
  }

  fateOf(k) {
    if (!this.counts || this.fate[k] > 1) return this.rest?.has(k) ? GONE : this.fate[k];
    return this.torque[k] >= this.group.threshold ? 1 : 0;
  }

  // Whether an edge can be pointed at: a selected one always can.
  isVisible(k) {
    const fate = this.fateOf(k), [kept, grey, pruned, added] = VISIBLE[this.shown];
    return !this.isHidden(k) && [kept, Math.max(grey, pruned), added, 0][fate] > 0;
  }

  // Whether the legend has switched off the relation of an edge: its fate or its direction.
  isHidden(k) {
    const { hidden } = this.group;
    return hidden.size > 0 && (hidden.has(this.style.fates[this.fateOf(k)]?.name) || hidden.has(this.wayOf(k)));
  }

  wayOf(k) {
    return this.direction && (this.direction[k] === BOTH ? "both ways" : "one way");
  }

  onHidden() {
    this.fillLegend();
    this.network.redraw();
  }

  // What a selection lights: the selected elements, the ends of edges, and the neighbourhood of nodes. All else fades.
  lightSelection() {
    const nodes = new Set(this.selected.nodes.filter((id) => this.indexOf.has(id)).map((id) => this.indexOf.get(id)));
    const edges = new Set(this.selected.edges.map((pair) => this.edgeIndex.get(pairKey(...pair))));
    edges.delete(undefined);
    const lit = { nodes: new Set(nodes), edges };
    if (nodes.size) {
      for (let k = 0; k < this.from.length; k++) {
        if (nodes.has(this.from[k]) || nodes.has(this.to[k])) edges.add(k);
      }
    }
    for (const k of edges) lit.nodes.add(this.from[k]).add(this.to[k]);
    this.lit = lit.nodes.size ? lit : null;
    this.network?.redraw();
  }

  // What the group shows has changed.
  onShown() {
    this.network.show(this.shown);
    const choice = this.bar.querySelector(".shown");
    choice.hidden = !this.hasSwitch;
    if (!choice.children.length) {
      choice.innerHTML = SHOWN.map((name) =>
        `<button type="button" role="radio" value="${name}">${TITLES[name]}</button>`).join("");
      choice.onclick = ({ target }) => target.value && this.choose(target.value);
      choice.onkeydown = (event) => this.onSwitchKey(event);
    }
    for (const button of choice.children) {
      button.setAttribute("aria-checked", button.value === this.shown);
      button.tabIndex = button.value === this.shown ? 0 : -1;
    }
  }

  onSwitchKey(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(SHOWN[(SHOWN.indexOf(this.shown) + step + SHOWN.length) % SHOWN.length]);
    this.bar.querySelector("[aria-checked=true]").focus();
  }

  choose(name) {
    if (name === this.shown) return;
    this.group.show(name);
    this.host("shown", name);
  }

  fillLegend() {
    const { classes, fates, injected } = this.style;
    const line = ({ color, dashes, width }) =>
      `<svg viewBox="0 0 24 12"><path d="M1 6H23" stroke="${color.slice(0, 7)}" stroke-width="${Math.max(2, width)}" ${dashes ? 'stroke-dasharray="5 3"' : ""}/></svg>`;
    const arrow = (both) =>
      `<svg viewBox="0 0 24 12"><path d="M3 6H21" stroke="currentColor" stroke-width="1.5"/><path d="M23 6l-7-3.5v7z${both ? "M1 6l7-3.5v7z" : ""}" fill="currentColor"/></svg>`;
    const present = new Set(this.fate);
    if (this.counts) present.add(0).add(1);
    const relations = fates.filter((_, fate) => present.has(fate)).map((fate) => [line(fate), fate.name]);
    const ways = new Set(this.direction && [...this.direction.keys()].map((k) => this.wayOf(k)));
    for (const way of ["one way", "both ways"]) if (ways.has(way)) relations.push([arrow(way === "both ways"), way]);
    const items = [];
    const shape = (name, color) => `<svg viewBox="-9 -9 18 18">${svgShape(name, 0, 0, 6, `fill="${color}"`)}</svg>`;
    if (this.injected.includes(1)) items.push([shape("diamond", injected), "injected by the noise"]);
    for (const { name, color, shape: form } of Object.values(classes)) {
      items.push([shape(form, color), /^\d+$/.test(name) ? `class ${name}` : name]);
    }
    const focused = this.legend.contains(this.legend.getRootNode().activeElement) && this.legend.getRootNode().activeElement.value;
    this.legend.replaceChildren(...[...relations, ...items].map(([picture, name], place) => {
      const item = document.createElement("li");
      const entry = place < relations.length ? this.switchOf(name) : item;
      entry.innerHTML = picture;
      entry.append(name);
      if (entry !== item) item.append(entry);
      return item;
    }));
    if (focused) this.legend.querySelector(`[value="${focused}"]`)?.focus();
  }

  // An entry of the legend that switches a relation on and off.
  switchOf(name) {
    const button = Object.assign(document.createElement("button"), { type: "button", value: name });
    const shown = !this.group.hidden.has(name);
    button.setAttribute("aria-pressed", shown);
    button.title = shown ? "Hide these edges" : "Show these edges";
    button.onclick = () => this.group.toggle(name);
    return button;
  }

  // Walk along an edge to the neighbour that lies most in a direction, and say where that leads.
  walk(right, down) {
    const at = this.walker ?? this.indexOf.get(this.selected.nodes[0]) ?? this.middleNode();
    if (at === undefined) return;
    let best = at, most = 0.2; // cosine of the largest angle off the direction
    for (let k = 0; k < this.from.length; k++) {
      if (!this.isVisible(k) || (this.from[k] !== at && this.to[k] !== at)) continue;
      const other = this.from[k] === at ? this.to[k] : this.from[k];
      const [dx, dy] = [this.x[other] - this.x[at], this.y[other] - this.y[at]];
      const cosine = (dx * right + dy * down) / (Math.hypot(dx, dy) || 1);
      if (cosine > most) [best, most] = [other, cosine];
    }
    this.walker = this.walker === undefined && best === at ? at : best;
    this.spoken.textContent = this.pointer.nodeText(this.walker);
    this.network.redraw();
  }

  middleNode() {
    const { x, y } = this.network.getViewPosition();
    const distance = (k) => Math.hypot(this.x[k] - x, this.y[k] - y);
    return [...this.ids.keys()].reduce((best, k) => (best === undefined || distance(k) < distance(best) ? k : best), undefined);
  }

  onKey({ key, ctrlKey, shiftKey }) {
    if (key === "Enter" && this.walker !== undefined) this.report?.([this.ids[this.walker]], [], ctrlKey || shiftKey);
  }

  destroy() {
    if (this.counts) this.group.tell(undefined);
    this.group?.leave(this);
    this.bar.remove();
    this.legend.remove();
    super.destroy();
  }
}
PARTS.stage = Stage;
