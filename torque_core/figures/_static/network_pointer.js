// Pointer interaction with a network: hit testing, tooltips, and selection by click, box or lasso.

const REACH = 6; // maximum distance in pixels between the pointer and the element that it points at
const addsToSelection = (event) => event.ctrlKey || event.metaKey || event.shiftKey;

class Pointer {
  constructor(canvas) {
    this.canvas = canvas;
    this.tool = null; // "box" or "lasso" while the corresponding button is pressed
  }

  listen() {
    const { network, picture, tip } = this.canvas;
    network.on("click", ({ pointer, event }) => this.select(pointer.DOM, addsToSelection(event.srcEvent)));
    picture.addEventListener("pointermove", (event) => this.hover(event));
    picture.addEventListener("pointerleave", () => (tip.hidden = true));
    picture.addEventListener("pointerdown", (event) => this.drawArea(event), { capture: true });
    for (const tool of ["box", "lasso"]) {
      this.canvas[tool].onclick = () => this.setTool(this.tool === tool ? null : tool);
    }
  }

  // Return the index of the node or edge at a point of the screen. Nodes take precedence.
  elementAt(point) {
    const { network, ids, x, y, sizes, source, target, indexOf, edgeIndex } = this.canvas;
    const { x: px, y: py } = network.DOMtoCanvas(point);
    const reach = REACH / network.getScale();
    let nearest = {}, minimum = Infinity;
    for (let k = 0; k < ids.length; k++) {
      const distance = Math.hypot(x[k] - px, y[k] - py);
      if (distance < minimum && distance <= Math.max(reach, sizes[k])) [nearest, minimum] = [{ node: k }, distance];
    }
    if (nearest.node !== undefined) return nearest;
    minimum = reach;
    for (const k of edgeIndex.values()) {
      if (!this.canvas.isVisible(k)) continue;
      const i = indexOf.get(source[k]), j = indexOf.get(target[k]);
      const [dx, dy] = [x[j] - x[i], y[j] - y[i]];
      const along = Math.min(1, Math.max(0, ((px - x[i]) * dx + (py - y[i]) * dy) / (dx * dx + dy * dy || 1)));
      const distance = Math.hypot(x[i] + along * dx - px, y[i] + along * dy - py);
      if (distance < minimum) [nearest, minimum] = [{ edge: k }, distance];
    }
    return nearest;
  }

  select(point, add) {
    const { report, ids } = this.canvas;
    const { node, edge } = this.elementAt(point);
    if (node !== undefined) report?.([ids[node]], [], add);
    else if (edge !== undefined) report?.([], [this.canvas.endsOf(edge)], add);
    else if (!add) report?.([], [], false);
  }

  hover(event) {
    const { frame, tip } = this.canvas;
    const point = this.positionOf(event);
    const { node, edge } = event.buttons ? {} : this.elementAt(point);
    tip.hidden = node === undefined && edge === undefined;
    if (tip.hidden) return;
    const { about } = this.canvas, attributes = node === undefined ? about.edge?.[edge] : about.node?.[node];
    const text = node === undefined ? this.edgeText(edge) : this.nodeText(node);
    tip.textContent = attributes ? `${text}\n${attributes}` : text;
    const { clientWidth, clientHeight } = frame;
    tip.style.left = `${Math.max(0, Math.min(point.x + 12, clientWidth - tip.offsetWidth))}px`;
    tip.style.top = `${Math.max(0, Math.min(point.y + 12, clientHeight - tip.offsetHeight))}px`;
  }

  nodeText(k) {
    const { names, labels, style } = this.canvas;
    return `${names[k]}: class ${style.classes[labels[k]].name}`;
  }

  edgeText(k) {
    const { names, indexOf, injected, numbers, weight, style } = this.canvas;
    const [from, to] = this.canvas.endsOf(k).map((id) => names[indexOf.get(id)]);
    const noise = injected[k] ? ", injected by the noise" : "";
    const [[, torque] = [], ...factors] = numbers;
    const heading = `${from} ${this.canvas.arrowOf(k)} ${to}: ${style.fates[this.canvas.fateOf(k)].name}`;
    const weighted = weight?.[k] ? `, weight ${weight[k].toPrecision(2)}` : ""; // a pruned edge has none
    if (!torque) return heading + weighted + noise; // by a method without torque
    if (Number.isNaN(torque[k])) return `${heading} in an earlier layer${noise}`;
    const product = factors.map(([name, values]) => `${name} ${values[k].toFixed(3)}`).join(" × ");
    return `${heading}${noise}\ntorque ${torque[k].toFixed(3)} = ${product}`;
  }

  positionOf(event) {
    const { left, top } = this.canvas.picture.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  // Select whether dragging draws a box or a lasso, or moves the camera (null).
  setTool(tool) {
    this.tool = tool;
    this.canvas.picture.classList.toggle("armed", tool !== null);
    for (const name of ["box", "lasso"]) this.canvas[name].setAttribute("aria-pressed", name === tool);
  }

  // Draw a selection area while dragging with Shift or an active tool. vis-network does not receive the event.
  drawArea(event) {
    const { picture, area, polygon } = this.canvas;
    const shape = event.shiftKey ? "box" : this.tool;
    if (!this.canvas.report || event.button || !shape) return;
    event.stopPropagation();
    picture.setPointerCapture(event.pointerId);
    const start = this.positionOf(event);
    let corners = [start];
    const extend = (moveEvent) => {
      const end = this.positionOf(moveEvent);
      if (shape === "lasso") corners.push(end);
      else corners = [start, { x: end.x, y: start.y }, end, { x: start.x, y: end.y }];
      area.toggleAttribute("hidden", corners.every(({ x, y }) => Math.hypot(x - start.x, y - start.y) < REACH));
      polygon.setAttribute("points", corners.map(({ x, y }) => `${x},${y}`).join(" "));
    };
    const finish = (lastEvent) => {
      picture.removeEventListener("pointermove", extend);
      picture.removeEventListener("pointerup", finish);
      picture.removeEventListener("pointercancel", finish);
      const isArea = !area.hasAttribute("hidden");
      area.toggleAttribute("hidden", true);
      if (lastEvent.type === "pointercancel") return;
      if (isArea) this.selectWithin(corners, addsToSelection(lastEvent));
      else this.select(start, addsToSelection(lastEvent));
    };
    picture.addEventListener("pointermove", extend);
    picture.addEventListener("pointerup", finish);
    picture.addEventListener("pointercancel", finish);
  }

  // Select the nodes within a polygon of the screen, and the edges with both ends among them.
  selectWithin(corners, add) {
    const { network, ids, x, y, source, target, edgeIndex } = this.canvas;
    const polygon = new Path2D();
    for (const corner of corners.map((point) => network.DOMtoCanvas(point))) polygon.lineTo(corner.x, corner.y);
    const context = document.createElement("canvas").getContext("2d");
    const nodes = [...ids].filter((_, k) => context.isPointInPath(polygon, x[k], y[k], "evenodd"));
    const inside = new Set(nodes);
    const both = (k) => inside.has(source[k]) && inside.has(target[k]);
    const edges = [...edgeIndex.values()].filter((k) => both(k) && this.canvas.isVisible(k));
    this.canvas.report(nodes, edges.map((k) => this.canvas.endsOf(k)), add);
  }
}
