// Saves a network as it is seen now: as SVG, or as a PNG of twice its size on the screen.

const POLYGONS = { // corners, the angle of the first, and how far in every second corner lies
  square: [4, 45, 1], triangle: [3, 0, 1], triangleDown: [3, 180, 1], diamond: [4, 0, 1], hexagon: [6, 90, 1], star: [10, 0, 0.45],
};
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

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
  const { x: middleX, y: middleY, scale } = canvas.view();
  const box = [middleX - width / scale / 2, middleY - height / scale / 2, width / scale, height / scale];
  const chosenPairs = new Set(selected.edges.map((pair) => pairOf(...pair)));
  const chosenNodes = new Set(selected.nodes);
  const parts = [];
  for (const [pair, k] of canvas.link) {
    const [i, j] = [canvas.source[k], canvas.target[k]].map((id) => canvas.at.get(id));
    const [x1, y1, x2, y2] = [canvas.x[i], canvas.y[i], canvas.x[j], canvas.y[j]];
    const { color, width: thick, dashes } = style.fates[canvas.fate[k]];
    const line = (paint, wide, dash) =>
      `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="${paint}" stroke-width="${wide}" stroke-dasharray="${dash}"/>`;
    if (chosenPairs.has(pair)) parts.push(line(style.text, thick + 6, "none"), line(style.background, thick + 3, "none"));
    parts.push(line(color, thick, dashes ? dashes.join(" ") : "none"));
    const paint = `fill="${color}"`;
    if (canvas.injected[k]) parts.push(figure("diamond", (x1 + x2) / 2, (y1 + y2) / 2, 6, paint));
  }
  canvas.id.forEach((id, k) => {
    const { color, shape } = style.classes[canvas.label[k]];
    const [x, y, size] = [canvas.x[k], canvas.y[k], canvas.size[k]];
    if (chosenNodes.has(id)) parts.push(figure("dot", x, y, size * 1.3, `fill="none" stroke="${style.text}" stroke-width="3"`));
    parts.push(figure(shape, x, y, size, `fill="${color}" stroke="${style.outline}"`));
    const letters = canvas.id.length <= LARGE ? 16 : 11;
    const named = letters * scale >= (canvas.id.length <= LARGE ? 8 : 15); // as on the screen
    if (named) parts.push(`<text x="${x}" y="${y + size + letters}" font-size="${letters}">${escaped(canvas.name[k])}</text>`);
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${box.join(" ")}"` +
    ` font-family="sans-serif" text-anchor="middle" role="img" aria-label="${escaped(canvas.picture.ariaLabel)}">` +
    `<rect x="${box[0]}" y="${box[1]}" width="${box[2]}" height="${box[3]}" fill="${style.background}"/>` +
    `<g fill="${style.text}">${parts.join("")}</g></svg>`
  );
}

function figure(shape, x, y, size, paint) {
  if (shape === "ellipse") return `<ellipse cx="${x}" cy="${y}" rx="${1.5 * size}" ry="${size}" ${paint}/>`;
  if (!(shape in POLYGONS)) return `<circle cx="${x}" cy="${y}" r="${size}" ${paint}/>`;
  const [corners, first, inward] = POLYGONS[shape];
  const points = Array.from({ length: corners }, (_, k) => {
    const angle = ((first + (360 * k) / corners) * Math.PI) / 180;
    const radius = 1.25 * size * (k % 2 ? inward : 1); // a polygon looks smaller than a disc of its radius
    return `${(x + radius * Math.sin(angle)).toFixed(1)},${(y - radius * Math.cos(angle)).toFixed(1)}`;
  });
  return `<polygon points="${points.join(" ")}" ${paint}/>`;
}
