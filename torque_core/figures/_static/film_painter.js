// Draws a state of a film's timeline: rings, edges, nodes, messages on their way, balances, and the pie in the middle.

const FILM_MARGIN = 20; // pixels
const GHOST = 0.14; // opacity of what is no longer there
const MANY_EDGES = 400; // with more, lines are thin
const LARGEST_PULSE = 11; // pixels

class FilmPainter {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  paint(timeline, state) {
    const { context, canvas } = this, { graph } = timeline;
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    const pixels = [width, height].map((side) => Math.round(side * devicePixelRatio));
    if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) [canvas.width, canvas.height] = pixels;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    const outer = Math.max(1e-9, ...graph.rings.map(({ radius }) => radius));
    const scale = Math.max(1, Math.min(width, height) / 2 - FILM_MARGIN) / outer;
    const x = (k) => width / 2 + graph.x[k] * scale, y = (k) => height / 2 - graph.y[k] * scale;
    Object.assign(this, { timeline, state, graph, style: graph.style, width, height, scale, x, y });
    const inner = (graph.rings[0]?.radius ?? outer) * scale;
    this.pieRadius = Math.min(44, Math.max(14, 0.55 * inner));
    this.nodeSize = Math.min(8, Math.max(2.4, Math.min(0.28 * inner, 110 / Math.sqrt(graph.ids.length))));
    paintRings({ context, stage: { ...graph, side: 1 }, view: { x: 0, y: 0, scale } }, width, height);
    this.paintEdges();
    this.paintNodes();
    this.paintPulses();
    this.paintPie();
    for (const balance of state.balances) this.paintBalance(balance);
    context.globalAlpha = 1;
  }

  line(i, j) {
    this.context.moveTo(this.x(i), this.y(i));
    this.context.lineTo(this.x(j), this.y(j));
  }

  paintEdges() {
    const { timeline, state, style } = this, [kept, pruned, added] = style.fates;
    this.strokeEdges(timeline.kept, kept, 1);
    const change = within((state.weighing - WEIGHED) / (1 - WEIGHED)); // of what follows from the pruning
    this.strokeEdges(timeline.idle, kept, 1 - change * (1 - GHOST));
    timeline.pruned.forEach((edge, rank) => {
      const gone = timeline.gone(rank, state.weighing);
      if (gone < 1) this.strokeEdges([edge], gone ? pruned : kept, gone ? 1 - gone * (1 - GHOST) : 1);
    });
    if (state.weighing === 1) this.strokeEdges(timeline.pruned, pruned, GHOST);
    this.strokeEdges(timeline.added, added, change);
  }

  strokeEdges(all, { color, width, dashes }, opacity) {
    const { context, graph, style } = this, { steps, hidden } = graph;
    const edges = all.filter(([s, k]) => !hidden[steps[s].source[k]] && !hidden[steps[s].target[k]]);
    if (!edges.length || opacity <= 0) return;
    const crowd = this.timeline.before.edges.length > MANY_EDGES;
    context.globalAlpha = opacity * (crowd ? 0.5 : 1);
    context.strokeStyle = color.slice(0, 7);
    context.lineWidth = crowd ? 0.6 : Math.max(1.2, width);
    context.setLineDash(dashes || []);
    context.beginPath();
    for (const [s, k] of edges) this.line(steps[s].source[k], steps[s].target[k]);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = style.injected;
    for (const [s, k] of edges) {
      const { source, target, injected } = steps[s];
      if (!injected[k]) continue;
      const [i, j] = [source[k], target[k]];
      traceShape(context, "diamond", (this.x(i) + this.x(j)) / 2, (this.y(i) + this.y(j)) / 2, crowd ? 2.5 : 4.5);
      context.fill();
    }
  }

  paintNodes() {
    const { context, graph, style, state, timeline } = this;
    context.strokeStyle = style.outline;
    context.lineWidth = Math.min(1, 0.14 * this.nodeSize);
    for (const k of graph.ids.keys()) {
      if (graph.hidden[k] || k === graph.centre) continue;
      const [old, now] = [timeline.before, timeline.after].map(({ hops }) => (hops[k] >= 0 ? 1 : GHOST));
      context.globalAlpha = old + (now - old) * state.weighing;
      const { color, shape } = style.classes[graph.labels[k]];
      traceShape(context, shape, this.x(k), this.y(k), this.nodeSize);
      context.fillStyle = color;
      context.fill();
      context.stroke();
    }
  }

  // The size of a message is the influence of the node that sent it.
  paintPulses() {
    const { context, graph, style, state } = this, { influence, most } = state.field;
    context.strokeStyle = style.background;
    context.lineWidth = 1.5;
    context.globalAlpha = 0.95;
    for (const { node, x, y } of state.pulses) {
      const size = Math.max(1.6, LARGEST_PULSE * Math.sqrt(influence[node] / (most || 1)));
      const { color, shape } = style.classes[graph.labels[node]];
      traceShape(context, shape, this.width / 2 + x * this.scale, this.height / 2 - y * this.scale, size);
      context.fillStyle = color;
      if (size > 3) context.stroke();
      context.fill();
    }
  }

  // The point itself, or one further out if the pie would be covered.
  besidePie(x, y) {
    const [dx, dy] = [x - this.width / 2, y - this.height / 2], distance = Math.hypot(dx, dy) || 1;
    const out = Math.max(distance, this.pieRadius + 40) / distance;
    return [this.width / 2 + dx * out, this.height / 2 + dy * out];
  }

  // A beam: on the left the counterweight of the cut, on the right the force at the end of the lever arm.
  paintBalance({ edge: [s, k], visible, tipped }) {
    const { context, graph, style } = this, { source, target, numbers } = graph.steps[s];
    const [torque, lever, force] = ["torque", "lever arm", "force"].map((name) => numbers[name][k]);
    const { pruned } = this.timeline, most = (name) =>
      pruned.reduce((high, [t, e]) => Math.max(high, graph.steps[t].numbers[name][e] || 0), 1e-9);
    const [x, y] = this.besidePie((this.x(source[k]) + this.x(target[k])) / 2, (this.y(source[k]) + this.y(target[k])) / 2);
    const arm = 10 + 16 * (lever / most("lever arm")), weight = 3 + 4.5 * Math.sqrt(force / most("force"));
    context.save();
    context.globalAlpha = visible;
    context.translate(x, y);
    context.fillStyle = style.background;
    context.beginPath();
    context.arc(0, 2, arm + 6, 0, 2 * Math.PI);
    context.globalAlpha = 0.85 * visible;
    context.fill();
    context.globalAlpha = visible;
    context.strokeStyle = context.fillStyle = style.text;
    context.beginPath(); // the pivot
    context.moveTo(0, 0);
    context.lineTo(-6, 12);
    context.lineTo(6, 12);
    context.closePath();
    context.fill();
    context.rotate(-0.2 + 0.6 * tipped);
    context.lineWidth = 3;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(-14, 0);
    context.lineTo(arm, 0);
    context.stroke();
    context.fillRect(-18, -8, 8, 8);
    context.fillStyle = tipped > 0.5 ? style.fates[FATE_PRUNED].color.slice(0, 7) : style.text;
    context.fillRect(arm - weight, -2 * weight, 2 * weight, 2 * weight);
    context.restore();
    const factors = Object.entries(numbers).slice(1).map(([, values]) => values[k].toFixed(2)).join(" × ");
    this.write(`${factors} = ${torque.toFixed(2)}`, x, y + 26, visible);
  }

  write(text, x, y, opacity) {
    const { context, style } = this;
    context.globalAlpha = opacity;
    context.font = "600 12px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = style.background;
    context.fillStyle = style.text;
    const half = context.measureText(text).width / 2 + 4;
    const at = Math.min(Math.max(x, half), this.width - half);
    context.strokeText(text, at, y);
    context.fillText(text, at, y);
  }

  // The influence that has arrived, by class; around it, once the edges are weighed, that before rewiring.
  paintPie() {
    const { context, style, state, timeline, pieRadius: radius } = this;
    const [x, y] = [this.width / 2, this.height / 2];
    context.globalAlpha = 1;
    context.fillStyle = style.background;
    context.beginPath();
    context.arc(x, y, radius + 7, 0, 2 * Math.PI);
    context.fill();
    if (state.weighing === 1) this.paintSlices(timeline.before.pie, radius + 2, radius + 7, false);
    this.paintSlices(state.pie, 0, radius, radius > 25);
    context.strokeStyle = style.text;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.stroke();
    const own = style.classes[this.graph.labels[this.graph.centre]];
    if ([...state.pie.values()].some((share) => share > 0)) return;
    traceShape(context, own.shape, x, y, Math.min(12, radius / 2));
    context.fillStyle = own.color;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = style.outline;
    context.stroke();
  }

  paintSlices(shares, inside, outside, marked) {
    const { context, style } = this, [x, y] = [this.width / 2, this.height / 2];
    let start = -Math.PI / 2;
    for (const [label, share] of shares) {
      if (share <= 0) continue;
      const end = start + 2 * Math.PI * share, middle = (start + end) / 2, { color, shape } = style.classes[label];
      context.beginPath();
      context.arc(x, y, outside, start, end);
      context.arc(x, y, inside, end, start, true);
      context.closePath();
      context.fillStyle = color;
      context.fill();
      context.lineWidth = share > 0.999 ? 0 : 1.5;
      context.strokeStyle = style.background;
      if (share < 0.999) context.stroke();
      if (marked && share > 0.08) { // shape repeats what colour says
        const out = share > 0.999 ? 0 : 0.64 * outside, [sx, sy] = [x + out * Math.cos(middle), y + out * Math.sin(middle)];
        traceShape(context, shape, sx, sy, 4.5);
        context.lineWidth = 1.5;
        context.strokeStyle = "#000000";
        context.stroke();
      }
      start = end;
    }
  }
}
