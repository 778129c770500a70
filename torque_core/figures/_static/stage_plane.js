// The torque plane above the control of the cut (stage_cut.js): a point for each edge at its lever arm and its force. The
// curve of equal torque at the cut can be dragged; the points behind it are pruned, and change while it moves.
//   data.plane  { lever, force, torque, injected, selected, source, target: columns; names: by node, or null;
//     axes: { lever, force: { title, range, constant } }; curved: whether the torque has no third factor }
// Points that are clicked, or in the box that the user drags, are reported: report("points", columns).

const [PLANE_LEFT, PLANE_RIGHT, PLANE_TOP, PLANE_BOTTOM, PLANE_HEIGHT] = [48, 10, 8, 42, 400];
const REACH_OF_POINT = 7; // pixels
const FEW_POINTS = 500; // which are larger

class Plane {
  constructor(cut) {
    this.cut = cut;
    cut.chart.innerHTML = '<div class="plane" role="img"><canvas></canvas><div class="tip" hidden></div></div>';
    [this.frame] = cut.chart.children;
    [this.canvas, this.tip] = this.frame.children;
    this.canvas.onpointerdown = (event) => this.drag(event);
    this.canvas.onpointermove = (event) => this.hover(event);
    this.canvas.onpointerleave = () => (this.tip.hidden = true);
  }

  update() {
    const { plane } = this.cut.data;
    if (plane !== this.plane) {
      this.plane = plane;
      for (const name of ["lever", "force", "torque"]) this[name] = reals(plane[name]);
      for (const name of ["source", "target"]) this[name] = integers(plane[name]);
      for (const name of ["injected", "selected"]) this[name] = bytes(plane[name]);
    }
    this.width = this.frame.clientWidth - PLANE_LEFT - PLANE_RIGHT;
    this.height = PLANE_HEIGHT - PLANE_TOP - PLANE_BOTTOM;
    const { canvas } = this;
    [canvas.width, canvas.height] = [this.frame.clientWidth, PLANE_HEIGHT].map((side) => side * devicePixelRatio);
    this.x = [...this.lever].map((value) => this.across(value));
    this.y = [...this.force].map((value) => this.down(value));
    this.onCut();
  }

  onCut() {
    this.frameRequest ??= requestAnimationFrame(() => {
      this.frameRequest = undefined;
      if (this.width > 0) this.paint();
    });
  }

  across(value) {
    const [low, high] = this.plane.axes.lever.range;
    return PLANE_LEFT + ((value - low) / (high - low)) * this.width;
  }

  down(value) {
    const [low, high] = this.plane.axes.force.range;
    return PLANE_TOP + (1 - (value - low) / (high - low)) * this.height;
  }

  // The factors at a place; one that is the same for all edges does not depend on it.
  factorsAt({ x, y }) {
    const { lever, force } = this.plane.axes, at = (range, part) => range[0] + part * (range[1] - range[0]);
    return [
      lever.constant ?? at(lever.range, (x - PLANE_LEFT) / this.width),
      force.constant ?? at(force.range, 1 - (y - PLANE_TOP) / this.height),
    ];
  }

  torqueAt(place) {
    const [lever, force] = this.factorsAt(place);
    return Math.min(Math.max(lever * force, this.cut.data.top / 1000), this.cut.data.top);
  }

  // Whether a place is at the curve: the difference of the torque over its slope is a distance in pixels.
  isOnCurve(place) {
    const { cut } = this.cut.group, { lever, force } = this.plane.axes;
    if (cut === null || !this.plane.curved) return false;
    const [arm, pull] = this.factorsAt(place), span = ({ range, constant }) => (constant === null ? range[1] - range[0] : 0);
    const slope = Math.hypot((pull * span(lever)) / this.width, (arm * span(force)) / this.height);
    return Math.abs(arm * pull - cut) <= REACH_OF_LINE * slope;
  }

  paint() {
    const { canvas, cut } = this, { colors } = cut.data, context = canvas.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.paintAxes(context, colors);
    const kinds = [[], [], [], []]; // kept, pruned, injected and kept, injected and pruned
    for (let k = 0; k < this.torque.length; k++) {
      kinds[(this.torque[k] >= cut.group.threshold) + 2 * this.injected[k]].push(k);
    }
    const few = this.torque.length <= FEW_POINTS, size = few ? 5 : 3;
    context.globalAlpha = few ? 0.8 : 0.55;
    context.fillStyle = colors.kept;
    context.beginPath();
    for (const k of kinds[0]) context.rect(this.x[k] - size / 2, this.y[k] - size / 2, size, size);
    context.fill();
    context.globalAlpha = few ? 1 : 0.7;
    this.marks(context, [...kinds[1], ...kinds[3]], colors.pruned, 0.6 * size, [[[-1, -1], [1, 1]], [[-1, 1], [1, -1]]]);
    const diamond = [[[0, -1], [1, 0], [0, 1], [-1, 0], [0, -1]]];
    this.marks(context, kinds[2], colors.injected, 0.9 * size, diamond);
    this.marks(context, kinds[3], colors.pruned, 0.9 * size, diamond);
    context.globalAlpha = 1;
    context.strokeStyle = colors.text;
    context.beginPath();
    for (let k = 0; k < this.selected.length; k++) {
      if (!this.selected[k]) continue;
      context.moveTo(this.x[k] + 7, this.y[k]);
      context.arc(this.x[k], this.y[k], 7, 0, 2 * Math.PI);
    }
    context.stroke();
    this.paintCurve(context, colors);
    if (!this.box) return;
    const [x, y, width, height] = this.box;
    context.fillStyle = context.strokeStyle = colors.ring;
    context.strokeRect(x, y, width, height);
    context.globalAlpha = 0.15;
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
  }

  // Lines around points, each given by its corners in units of the size.
  marks(context, points, color, size, lines) {
    context.strokeStyle = color;
    context.lineWidth = 1.2;
    context.beginPath();
    for (const k of points) {
      for (const [[right, low], ...rest] of lines) {
        context.moveTo(this.x[k] + size * right, this.y[k] + size * low);
        for (const [dx, dy] of rest) context.lineTo(this.x[k] + size * dx, this.y[k] + size * dy);
      }
    }
    context.stroke();
  }

  paintAxes(context, colors) {
    const { lever, force } = this.plane.axes, bottom = PLANE_TOP + this.height;
    context.strokeStyle = context.fillStyle = colors.text;
    context.lineWidth = 1;
    context.strokeRect(PLANE_LEFT, PLANE_TOP, this.width, this.height);
    context.font = `12px ${getComputedStyle(this.frame).fontFamily}`;
    context.textAlign = "center";
    const label = (value) => String(+value.toPrecision(3));
    if (lever.constant === null) {
      for (const value of niceTicks(lever.range[1], 5)) context.fillText(label(value), this.across(value), bottom + 15);
    }
    context.fillText(lever.title, PLANE_LEFT + this.width / 2, bottom + 34);
    context.save();
    context.translate(12, PLANE_TOP + this.height / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(force.title, 0, 0);
    context.restore();
    context.textAlign = "right";
    if (force.constant === null) {
      for (const value of niceTicks(force.range[1], 5)) context.fillText(label(value), PLANE_LEFT - 5, this.down(value) + 4);
    }
  }

  // The curve of the edges whose torque is the cut, and the part of the plane beyond it.
  paintCurve(context, colors) {
    const { cut } = this.cut.group, { lever, force } = this.plane.axes;
    if (cut === null || !this.plane.curved) return;
    const right = PLANE_LEFT + this.width, above = PLANE_TOP - 50, points = [];
    for (let x = PLANE_LEFT; x <= right; x += 2) {
      const arm = this.factorsAt({ x, y: PLANE_TOP })[0];
      if (force.constant === null && arm > 0) points.push([x, this.down(cut / arm)]);
    }
    if (force.constant !== null) {
      for (const y of [PLANE_TOP + this.height, PLANE_TOP]) points.push([this.across(cut / force.constant), y]);
    }
    context.save();
    context.beginPath();
    context.rect(PLANE_LEFT, PLANE_TOP, this.width, this.height);
    context.clip();
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, Math.max(y, above));
    context.strokeStyle = colors.pruned;
    context.lineWidth = 2.5;
    context.setLineDash([7, 4]);
    context.stroke();
    const corners = force.constant === null
      ? [[right + 50, points.at(-1)?.[1] ?? 0], [right + 50, above], [PLANE_LEFT, above]]
      : [[right + 50, PLANE_TOP], [right + 50, PLANE_TOP + this.height]];
    for (const [x, y] of corners) context.lineTo(x, y);
    context.globalAlpha = 0.06;
    context.fillStyle = colors.pruned;
    context.fill();
    context.restore();
  }

  placeOf(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  nearest({ x, y }) {
    let best, least = REACH_OF_POINT;
    for (let k = 0; k < this.x.length; k++) {
      const distance = Math.hypot(this.x[k] - x, this.y[k] - y);
      if (distance < least) [best, least] = [k, distance];
    }
    return best;
  }

  hover(event) {
    const place = this.placeOf(event), onCurve = this.isOnCurve(place), k = onCurve ? undefined : this.nearest(place);
    this.canvas.style.cursor = onCurve ? "move" : k === undefined ? "crosshair" : "pointer";
    this.tip.hidden = k === undefined;
    if (k === undefined) return;
    const name = (node) => this.plane.names?.[node] ?? String(node), text = (value) => value.toFixed(3);
    this.tip.textContent = `${name(this.source[k])} – ${name(this.target[k])}\nlever arm ${text(this.lever[k])}\n` +
      `force ${text(this.force[k])}\ntorque ${text(this.torque[k])}${this.injected[k] ? "\ninjected by the noise" : ""}`;
    this.tip.style.left = `${Math.min(place.x + 12, this.frame.clientWidth - this.tip.offsetWidth)}px`;
    this.tip.style.top = `${place.y + 12}px`;
  }

  // Drag the curve, or else a box around points.
  drag(event) {
    if (event.button) return;
    event.preventDefault();
    const start = this.placeOf(event), onCurve = this.isOnCurve(start);
    this.canvas.setPointerCapture(event.pointerId);
    this.tip.hidden = true;
    this.canvas.onpointermove = (move) => {
      const { x, y } = this.placeOf(move);
      if (onCurve) return this.cut.move(this.torqueAt({ x, y }));
      this.box = [Math.min(x, start.x), Math.min(y, start.y), Math.abs(x - start.x), Math.abs(y - start.y)];
      this.onCut();
    };
    this.canvas.onpointerup = this.canvas.onpointercancel = ({ type }) => {
      this.canvas.onpointermove = (move) => this.hover(move);
      this.canvas.onpointerup = this.canvas.onpointercancel = null;
      const box = this.box;
      this.box = undefined;
      this.onCut();
      if (onCurve) this.cut.group.commit();
      else if (type === "pointerup") this.select(start, box);
    };
  }

  select(start, [left, top, width, height] = [0, 0, 0, 0]) {
    const near = this.nearest(start);
    const inside = width + height < 2 * CLICK ? [near].filter((k) => k !== undefined) : [...this.x.keys()].filter(
      (k) => this.x[k] >= left && this.x[k] <= left + width && this.y[k] >= top && this.y[k] <= top + height);
    if (inside.length) this.cut.report("points", inside);
  }
}
CHARTS.plane = Plane;
