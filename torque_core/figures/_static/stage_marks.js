// Marks on a stage, above its edges and nodes: the selection, the node reached by keyboard, and names.

const NAMES_WITHIN = 40; // nodes in view up to which all names are written
const LINE = 1.3; // distance of a ring from the middle of a node, in radii

function traceShape(context, shape, x, y, size) {
  context.beginPath();
  if (shape === "ellipse") context.ellipse(x, y, 1.5 * size, size, 0, 0, 2 * Math.PI);
  else if (!(shape in POLYGONS)) context.arc(x, y, size, 0, 2 * Math.PI);
  else {
    const [corners, firstAngle, secondRadius] = POLYGONS[shape];
    for (let k = 0; k < corners; k++) {
      const angle = ((firstAngle + (360 * k) / corners) * Math.PI) / 180;
      const radius = 1.25 * size * (k % 2 ? secondRadius : 1);
      context.lineTo(x + radius * Math.sin(angle), y - radius * Math.cos(angle));
    }
    context.closePath();
  }
}

// Selected edges have a double outline in every fate, even where their kind is hidden; selected nodes have a ring.
function paintSelection(painter) {
  const { context, stage, px, py } = painter, { style, selected } = stage;
  context.globalAlpha = 1;
  for (const pair of selected.edges) {
    const k = stage.edgeIndex.get(pairKey(...pair));
    if (k === undefined) continue;
    const [i, j] = [stage.from[k], stage.to[k]], { color, dashes } = style.fates[Math.min(stage.fateOf(k), 2)];
    const length = Math.hypot(px[j] - px[i], py[j] - py[i]) || 1;
    const [dx, dy] = [(px[j] - px[i]) / length, (py[j] - py[i]) / length];
    const [start, end] = [painter.radius(i), length - painter.radius(j)];
    for (const [paint, width] of [[style.text, 9], [style.background, 6], [color, 3]]) {
      context.strokeStyle = paint;
      context.lineWidth = width;
      context.setLineDash(paint === color && dashes ? dashes : []);
      context.beginPath();
      context.moveTo(px[i] + dx * start, py[i] + dy * start);
      context.lineTo(px[i] + dx * end, py[i] + dy * end);
      context.stroke();
    }
    context.setLineDash([]);
    if (!stage.injected[k]) continue;
    const [x, y] = [(px[i] + px[j]) / 2, (py[i] + py[j]) / 2];
    traceShape(context, "diamond", x, y, 6);
    context.lineWidth = 2.5;
    context.strokeStyle = style.background;
    context.fillStyle = style.injected;
    context.stroke();
    context.fill();
  }
  for (const id of selected.nodes) {
    if (stage.indexOf.has(id)) paintRing(painter, stage.indexOf.get(id), []);
  }
  if (stage.walker !== undefined) paintRing(painter, stage.walker, [3, 3]);
}

function paintRing(painter, k, dashes) {
  const { context, stage, px, py } = painter;
  const size = painter.radius(k) * LINE + 4;
  for (const [paint, width] of [[stage.style.background, 6], [stage.style.text, 3]]) {
    context.strokeStyle = paint;
    context.lineWidth = width;
    context.setLineDash(paint === stage.style.text ? dashes : []);
    context.beginPath();
    context.arc(px[k], py[k], size, 0, 2 * Math.PI);
    context.stroke();
  }
  context.setLineDash([]);
}

// Write names where few nodes are in view, and those of selected nodes and of their neighbours if these are few.
function paintNames(painter, width, height) {
  const { context, stage, px, py } = painter;
  const inView = [...px.keys()].filter((k) => px[k] > 0 && py[k] > 0 && px[k] < width && py[k] < height);
  const small = stage.ids.length <= LARGE || inView.length <= NAMES_WITHIN;
  const marked = new Set(stage.selected.nodes.map((id) => stage.indexOf.get(id)));
  if (stage.walker !== undefined) marked.add(stage.walker);
  const written = small ? inView : inView.filter((k) => marked.has(k));
  if (written.length > LARGE) return;
  const size = Math.max(11, Math.min(15, 16 * painter.view.scale));
  context.font = `${size}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.lineJoin = "round";
  for (const k of written) {
    context.globalAlpha = !stage.lit || stage.lit.nodes.has(k) ? 1 : 0.35;
    context.lineWidth = 3;
    context.strokeStyle = stage.style.background;
    context.fillStyle = stage.style.text;
    const y = py[k] + painter.radius(k) * LINE + 1;
    context.strokeText(stage.names[k], px[k], y);
    context.fillText(stage.names[k], px[k], y);
  }
  context.globalAlpha = 1;
}

// Guides around the origin, and an arc with a count for the nodes of a ring that are not drawn.
function paintRings({ context, stage, view }, width, height) {
  const x = -view.x * view.scale + width / 2, y = -view.y * view.scale + height / 2;
  context.strokeStyle = context.fillStyle = stage.style.text;
  for (const { radius, omitted, start, end } of stage.rings) {
    const size = radius * stage.side * view.scale;
    context.globalAlpha = 0.18;
    context.lineWidth = 1;
    context.beginPath();
    context.arc(x, y, size, 0, 2 * Math.PI);
    context.stroke();
    if (!omitted) continue;
    const margin = 0.08, middle = (start + end) / 2;
    context.globalAlpha = 0.45;
    context.lineWidth = 7;
    context.beginPath();
    context.arc(x, y, size, margin - end, -start - margin); // the canvas has its y axis downwards
    context.stroke();
    context.globalAlpha = 1;
    context.font = "600 13px sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 4;
    context.strokeStyle = stage.style.background;
    const [tx, ty] = [x + (size - 18) * Math.cos(middle), y - (size - 18) * Math.sin(middle)];
    context.strokeText(`+${count(omitted)}`, tx, ty);
    context.fillText(`+${count(omitted)}`, tx, ty);
    context.strokeStyle = stage.style.text;
  }
  context.globalAlpha = 1;
}
