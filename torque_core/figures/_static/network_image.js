// Saves the current view of a network as SVG, or as PNG at twice its size on the screen.

// number of corners, angle of the first corner, radius of every second corner
const POLYGONS = {
  square: [4, 45, 1], triangle: [3, 0, 1], triangleDown: [3, 180, 1], diamond: [4, 0, 1], hexagon: [6, 90, 1],
  star: [10, 0, 0.45],
};
const escapeXml = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

function saveNetwork(canvas, format) {
  const { clientWidth, clientHeight } = canvas.picture;
  const text = networkSvg(canvas, clientWidth, clientHeight);
  const svg = new Blob([text], { type: "image/svg+xml" });
  if (format === "svg") return download(svg, "torque-network.svg");
  const image = new Image();
  image.onload = () => {
    const raster = document.createElement("canvas");
    [raster.width, raster.height] = [2 * clientWidth, 2 * clientHeight];
    raster.getContext("2d").drawImage(image, 0, 0, raster.width, raster.height);
    raster.toBlob((png) => download(png, "torque-network.png"), "image/png");
    URL.revokeObjectURL(image.src);
  };
  image.src = URL.createObjectURL(svg);
}

function download(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function networkSvg(canvas, width, height) {
  const { style, selected } = canvas;
  const { x: middleX, y: middleY, scale } = canvas.camera.view();
  const viewBox = [middleX - width / scale / 2, middleY - height / scale / 2, width / scale, height / scale];
  const selectedPairs = new Set(selected.edges.map((pair) => pairKey(...pair)));
  const selectedNodes = new Set(selected.nodes);
  const parts = [];
  for (const [pair, k] of canvas.edgeIndex) {
    if (!canvas.isVisible(k)) continue;
    const [i, j] = [canvas.source[k], canvas.target[k]].map((id) => canvas.indexOf.get(id));
    const [x1, y1, x2, y2] = [canvas.x[i], canvas.y[i], canvas.x[j], canvas.y[j]];
    const { color, width: lineWidth, dashes } = style.fates[canvas.fateOf(k)];
    const line = (paint, strokeWidth, dash) =>
      `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="${paint}" stroke-width="${strokeWidth}" stroke-dasharray="${dash}"/>`;
    if (selectedPairs.has(pair)) {
      parts.push(line(style.text, lineWidth + 6, "none"), line(style.background, lineWidth + 3, "none"));
    }
    parts.push(line(color, lineWidth, dashes ? dashes.join(" ") : "none"));
    if (canvas.direction && canvas.edgeIndex.size <= FEW) {
      for (const corners of arrowheads([x1, y1], [x2, y2], canvas.sizes[i], canvas.sizes[j], canvas.direction[k], 9)) {
        parts.push(`<polygon points="${corners.map((corner) => corner.map((value) => value.toFixed(1))).join(" ")}" fill="${color}"/>`);
      }
    }
    if (canvas.injected[k]) parts.push(svgShape("diamond", (x1 + x2) / 2, (y1 + y2) / 2, 6, `fill="${color}"`));
  }
  const largeNames = canvas.ids.length <= LARGE;
  const fontSize = largeNames ? 16 : 11;
  const namesVisible = fontSize * scale >= (largeNames ? 8 : 15); // as on the screen
  canvas.ids.forEach((id, k) => {
    const { color, shape } = style.classes[canvas.labels[k]];
    const [x, y, size] = [canvas.x[k], canvas.y[k], canvas.sizes[k]];
    if (selectedNodes.has(id)) {
      parts.push(svgShape("dot", x, y, size * 1.3, `fill="none" stroke="${style.text}" stroke-width="3"`));
    }
    parts.push(svgShape(shape, x, y, size, `fill="${color}" stroke="${style.outline}"`));
    if (namesVisible) {
      const name = escapeXml(canvas.names[k]);
      parts.push(`<text x="${x}" y="${y + size + fontSize}" font-size="${fontSize}">${name}</text>`);
    }
  });
  const [left, top, boxWidth, boxHeight] = viewBox;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${viewBox.join(" ")}"` +
    ` font-family="sans-serif" text-anchor="middle" role="img" aria-label="${escapeXml(canvas.picture.ariaLabel)}">` +
    `<rect x="${left}" y="${top}" width="${boxWidth}" height="${boxHeight}" fill="${style.background}"/>` +
    `<g fill="${style.text}">${parts.join("")}</g></svg>`
  );
}

// Triangles at the ends to which an edge leads, outside of its nodes: lists of three corners.
function arrowheads([x1, y1], [x2, y2], startRadius, endRadius, direction, size) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1, [dx, dy] = [(x2 - x1) / length, (y2 - y1) / length];
  if (length < startRadius + endRadius + size) return []; // the nodes hide the edge
  const triangle = (x, y, sign) => [
    [x, y],
    [x - sign * size * dx - 0.45 * size * dy, y - sign * size * dy + 0.45 * size * dx],
    [x - sign * size * dx + 0.45 * size * dy, y - sign * size * dy - 0.45 * size * dx],
  ];
  const heads = [];
  if (direction & FORTH) heads.push(triangle(x2 - endRadius * dx, y2 - endRadius * dy, 1));
  if (direction & BACK) heads.push(triangle(x1 + startRadius * dx, y1 + startRadius * dy, -1));
  return heads;
}

function svgShape(shape, x, y, size, attributes) {
  if (shape === "ellipse") return `<ellipse cx="${x}" cy="${y}" rx="${1.5 * size}" ry="${size}" ${attributes}/>`;
  if (!(shape in POLYGONS)) return `<circle cx="${x}" cy="${y}" r="${size}" ${attributes}/>`;
  const [corners, firstAngle, secondRadius] = POLYGONS[shape];
  const points = Array.from({ length: corners }, (_, k) => {
    const angle = ((firstAngle + (360 * k) / corners) * Math.PI) / 180;
    const radius = 1.25 * size * (k % 2 ? secondRadius : 1); // a polygon looks smaller than a disc of the same radius
    return `${(x + radius * Math.sin(angle)).toFixed(1)},${(y - radius * Math.cos(angle)).toFixed(1)}`;
  });
  return `<polygon points="${points.join(" ")}" ${attributes}/>`;
}
