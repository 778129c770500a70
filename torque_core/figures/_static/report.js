// Draws the charts of a report in the colour scheme of the system. Expects `themes`: colours by purpose, by theme name.
const dark = matchMedia("(prefers-color-scheme: dark)");
const charts = new Map();
function recolour(value, colours) {
  if (typeof value === "string") return colours.get(value.toUpperCase()) ?? value;
  if (Array.isArray(value)) return value.map((item) => recolour(item, colours));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, recolour(item, colours)]));
}
function draw(number, figure) {
  charts.set(number, figure);
  const current = themes[dark.matches ? "dark" : "light"];
  const colours = new Map(Object.values(themes).flatMap((theme) =>
    Object.entries(theme).map(([key, colour]) => [colour.toUpperCase(), current[key]])));
  const { data, layout } = recolour(figure, colours);
  const axis = { gridcolor: "#88888840", zerolinecolor: "#88888880", automargin: true };
  const font = { color: current.text };
  layout.template = { layout: {
    paper_bgcolor: current.background, plot_bgcolor: current.background, font, xaxis: axis, yaxis: axis,
  } };
  Plotly.react("chart" + number, data, { ...layout, autosize: true }, { responsive: true, displaylogo: false });
}
function save(number, format) {
  Plotly.downloadImage("chart" + number, { format, width: 1200, height: 800, filename: "figure-" + (number + 1) });
}
dark.addEventListener("change", () => charts.forEach((figure, number) => draw(number, figure)));
