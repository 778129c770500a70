// The control of the cut: the histogram of the torque with a line that can be dragged, a slider, and a number.
//   data.histogram  null for the slider and the number alone, else { top, original, injected, selected }: counts by bin
//   data.top  largest value of the slider
//   data.colors  kept, injected, pruned, text, background
// Bars that are clicked, or over which the user drags, are reported: report("bars", [low, high]).

const REACH_OF_LINE = 9; // pixels
const [PLOT_LEFT, PLOT_RIGHT, PLOT_TOP, PLOT_BOTTOM, PLOT_HEIGHT] = [44, 8, 22, 34, 250];

class Cut {
  constructor(root) {
    this.root = root;
    this.frame = document.createElement("div");
    this.frame.className = "cut";
    this.frame.innerHTML =
      '<svg class="histogram" role="img"></svg><div class="controls"><label class="slide"><span>Cut by hand</span>' +
      '<input type="range" min="0" step="any"></label><label><span>Torque</span>' +
      '<input type="number" min="0" step="any"></label>' +
      '<button type="button" title="Return to the cut chosen by the cut rule.">Reset the cut</button></div>';
    root.append(this.frame);
    for (const part of ["svg", "button"]) this[part] = this.frame.querySelector(part);
    [this.slider, this.number] = this.frame.querySelectorAll("input");
    this.slider.oninput = () => this.move(Number(this.slider.value));
    this.slider.onkeydown = (event) => this.onKey(event);
    this.number.onchange = () => this.finish(Math.min(Number(this.number.value), this.data.top));
    this.button.onclick = () => this.finish(null);
    this.svg.onpointerdown = (event) => this.drag(event);
    this.observer = new ResizeObserver(() => this.drawBars());
    this.observer.observe(this.frame);
  }

  update(data, report) {
    Object.assign(this, { data, report });
    this.group = Group.of(data.group);
    this.group.parts.add(this);
    this.group.receive(data.live, report);
    for (const [name, color] of Object.entries(data.colors)) this.frame.style.setProperty(`--${name}`, color);
    this.svg.toggleAttribute("hidden", !data.histogram);
    this.svg.setAttribute("aria-label", data.alt);
    this.slider.max = this.number.max = data.top;
    this.drawBars();
    this.onCut();
  }

  move(value) {
    if (value === null || value > 0) this.group.move(value);
  }

  finish(value) {
    this.move(value);
    this.group.commit();
  }

  // A slider without steps, so that it can show any cut, moves by 1/500 of its range.
  onKey(event) {
    const { key } = event, steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -25, PageUp: 25 }[key];
    const value = { Home: this.data.top / 500, End: this.data.top }[key] ?? (steps && this.at() + (steps * this.data.top) / 500);
    if (value === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(Math.min(Math.max(value, this.data.top / 500), this.data.top));
  }

  at() {
    return Math.min(this.group.cut ?? Infinity, this.data.top);
  }

  onCut() {
    const at = this.at(), finite = this.group.cut !== null;
    if (document.activeElement !== this.number) this.number.value = at.toFixed(4);
    this.slider.value = at;
    this.slider.setAttribute("aria-valuetext", finite ? at.toFixed(3) : "nothing is pruned");
    this.button.disabled = !this.group.byHand;
    this.frame.dataset.cut = this.group.cut ?? "";
    this.drawLine(finite ? at : null);
  }

  drawBars() {
    const { histogram, colors } = this.data ?? {};
    if (!histogram) return this.svg.replaceChildren(); // it may have been drawn before
    const width = (this.width = this.frame.clientWidth - PLOT_LEFT - PLOT_RIGHT), height = PLOT_HEIGHT - PLOT_TOP - PLOT_BOTTOM;
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
    if (this.group) this.drawLine(this.group.cut === null ? null : this.at());
  }

  drawLine(at) {
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
    return PLOT_LEFT + (Math.min(torque, this.data.histogram.top) / this.data.histogram.top) * this.width;
  }

  torqueAt(event) {
    const x = event.clientX - this.svg.getBoundingClientRect().left;
    const { top } = this.data.histogram;
    return Math.min(Math.max(((x - PLOT_LEFT) / this.width) * top, top / 1000), this.data.top);
  }

  // Drag the line, or else select the bars over which the pointer is dragged.
  drag(event) {
    if (event.button || !this.data.histogram) return;
    event.preventDefault();
    const start = this.torqueAt(event);
    const onLine = this.group.cut !== null && Math.abs(this.x(start) - this.x(this.at())) <= REACH_OF_LINE;
    const range = this.svg.querySelector(".range");
    this.svg.setPointerCapture(event.pointerId);
    let ends = [start, start];
    this.svg.onpointermove = (move) => {
      if (onLine) return this.move(this.torqueAt(move));
      ends = [start, this.torqueAt(move)].sort((a, b) => a - b);
      range.removeAttribute("hidden");
      range.setAttribute("x", this.x(ends[0]));
      range.setAttribute("width", this.x(ends[1]) - this.x(ends[0]));
    };
    this.svg.onpointerup = this.svg.onpointercancel = ({ type }) => {
      this.svg.onpointermove = this.svg.onpointerup = this.svg.onpointercancel = null;
      range.setAttribute("hidden", "");
      if (onLine) this.group.commit();
      else if (type === "pointerup" && this.data.listens) this.selectBars(ends);
    };
  }

  selectBars([low, high]) {
    const { top, original } = this.data.histogram, width = top / original.length;
    const first = Math.floor(low / width), last = Math.min(original.length - 1, Math.floor(high / width));
    this.report("bars", [first, last + 1]);
  }

  destroy() {
    this.observer.disconnect();
    this.group?.leave(this);
    this.frame.remove();
  }
}
PARTS.cut = Cut;

// Round numbers from 0 to `most`, about so many.
function niceTicks(most, about) {
  const rough = most / about, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, k) => k * step);
}
