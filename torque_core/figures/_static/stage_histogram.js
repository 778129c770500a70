// The histogram of the torque above the control of the cut (stage_cut.js), with a line at the cut that can be dragged.
// Bars that are clicked, or over which the user drags, are reported: report("bars", [first, one after the last]).

const REACH_OF_LINE = 9; // pixels
const [PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_BOTTOM, PLOT_HEIGHT] = [44, 8, 22, 34, 250];

class Histogram {
  constructor(cut) {
    this.cut = cut;
    cut.chart.innerHTML = '<svg class="histogram" role="img"></svg>';
    this.svg = cut.chart.firstChild;
    this.svg.onpointerdown = (event) => this.drag(event);
  }

  update() {
    const { histogram, colors } = this.cut.data;
    const width = (this.width = this.svg.clientWidth - PLOT_LEFT - PLOT_RIGHT), height = PLOT_HEIGHT - PLOT_TOP - PLOT_BOTTOM;
    if (width <= 0) return;
    const { original, injected, selected, top } = histogram, bins = original.length, bar = width / bins;
    const most = Math.max(1, ...original.map((value, k) => value + injected[k]));
    const y = (value) => PLOT_TOP + height * (1 - value / most);
    const rect = (k, low, high, attributes) =>
      low === high ? "" : `<rect x="${PLOT_LEFT + k * bar}" y="${y(high)}" width="${bar}" height="${y(low) - y(high)}" ${attributes}/>`;
    const parts = original.map((value, k) =>
      rect(k, 0, value, `fill="${colors.kept}"`) + rect(k, value, value + injected[k], 'fill="url(#hatch)"') +
      (selected ? rect(k, 0, selected[k], 'class="selected"') : ""));
    const ticks = niceTicks(most, 4).map((value) =>
      `<text x="${PLOT_LEFT - 5}" y="${y(value) + 4}" text-anchor="end">${count(value)}</text>`);
    ticks.push(...niceTicks(top, 5).map((value) =>
      `<text x="${PLOT_LEFT + (value / top) * width}" y="${PLOT_HEIGHT - 18}" text-anchor="middle">${+value.toPrecision(3)}</text>`));
    this.svg.setAttribute("height", PLOT_HEIGHT);
    this.svg.innerHTML =
      `<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="5" height="5" fill="${colors.background}"/><rect width="3" height="5" fill="${colors.injected}"/></pattern></defs>` +
      parts.join("") + ticks.join("") +
      `<line class="axis" x1="${PLOT_LEFT}" x2="${PLOT_LEFT + width}" y1="${y(0)}" y2="${y(0)}"/>
      <text x="${PLOT_LEFT + width / 2}" y="${PLOT_HEIGHT - 3}" text-anchor="middle">torque (no unit)</text>
      <text transform="translate(10 ${PLOT_TOP + height / 2}) rotate(-90)" text-anchor="middle">number of edges</text>
      <rect class="range" y="${PLOT_TOP}" height="${height}" hidden/>
      <g class="line"><rect class="beyond" y="${PLOT_TOP}" height="${height}"/><line y1="${PLOT_TOP - 4}" y2="${y(0)}"/>
      <circle r="6" cy="${PLOT_TOP - 4}"/><text y="11"></text></g>`;
    this.onCut();
  }

  onCut() {
    const at = this.cut.group.cut === null ? null : this.cut.at();
    const line = this.svg.querySelector(".line");
    if (!line) return;
    line.toggleAttribute("hidden", at === null);
    if (at === null) return;
    const x = this.x(at), right = PLOT_LEFT + this.width, [beyond, stroke, handle, text] = line.children;
    beyond.setAttribute("x", x);
    beyond.setAttribute("width", Math.max(0, right - x));
    for (const name of ["x1", "x2"]) stroke.setAttribute(name, x);
    handle.setAttribute("cx", x);
    text.textContent = `cut at ${at.toFixed(3)}: pruned →`;
    const wide = x > PLOT_LEFT + this.width / 2;
    text.setAttribute("text-anchor", wide ? "end" : "start");
    text.setAttribute("x", x + (wide ? -10 : 10));
  }

  x(torque) {
    return PLOT_LEFT + (Math.min(torque, this.cut.data.histogram.top) / this.cut.data.histogram.top) * this.width;
  }

  torqueAt(event) {
    const x = event.clientX - this.svg.getBoundingClientRect().left;
    const { top } = this.cut.data.histogram;
    return Math.min(Math.max(((x - PLOT_LEFT) / this.width) * top, top / 1000), this.cut.data.top);
  }

  // Drag the line, or else select the bars over which the pointer is dragged.
  drag(event) {
    if (event.button) return;
    event.preventDefault();
    const start = this.torqueAt(event);
    const onLine = this.cut.group.cut !== null && Math.abs(this.x(start) - this.x(this.cut.at())) <= REACH_OF_LINE;
    const range = this.svg.querySelector(".range");
    this.svg.setPointerCapture(event.pointerId);
    let ends = [start, start];
    this.svg.onpointermove = (move) => {
      if (onLine) return this.cut.move(this.torqueAt(move));
      ends = [start, this.torqueAt(move)].sort((a, b) => a - b);
      range.removeAttribute("hidden");
      range.setAttribute("x", this.x(ends[0]));
      range.setAttribute("width", this.x(ends[1]) - this.x(ends[0]));
    };
    this.svg.onpointerup = this.svg.onpointercancel = ({ type }) => {
      this.svg.onpointermove = this.svg.onpointerup = this.svg.onpointercancel = null;
      range.setAttribute("hidden", "");
      if (onLine) this.cut.group.commit();
      else if (type === "pointerup" && this.cut.data.listens) this.selectBars(ends);
    };
  }

  selectBars([low, high]) {
    const { top, original } = this.cut.data.histogram, width = top / original.length;
    const first = Math.floor(low / width), last = Math.min(original.length - 1, Math.floor(high / width));
    this.cut.report("bars", [first, last + 1]);
  }
}
CHARTS.histogram = Histogram;

// Round numbers from 0 to `most`, about so many.
function niceTicks(most, about) {
  const rough = most / about, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, k) => k * step);
}
