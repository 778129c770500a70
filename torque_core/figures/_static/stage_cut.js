// The control of the cut: a slider and a number, below a chart of the torque in which the cut is dragged, too.
//   data.chart  "histogram" (stage_histogram.js) or "plane" (stage_plane.js), whose data are data[data.chart]; or null
//   data.top  largest value of the slider
//   data.colors  kept, injected, pruned, text, background, outline, ring

const CHARTS = {}; // by name

class Cut {
  constructor(root) {
    this.root = root;
    this.frame = document.createElement("div");
    this.frame.className = "cut";
    this.frame.innerHTML =
      '<div class="chart"></div><div class="controls"><label class="slide"><span>Cut by hand</span>' +
      '<input type="range" min="0" step="any"></label><label><span>Torque</span>' +
      '<input type="number" min="0" step="any"></label>' +
      '<button type="button" title="Return to the cut chosen by the cut rule.">Reset the cut</button></div>';
    root.append(this.frame);
    this.chart = this.frame.querySelector(".chart");
    this.button = this.frame.querySelector("button");
    [this.slider, this.number] = this.frame.querySelectorAll("input");
    this.slider.oninput = () => this.move(Number(this.slider.value));
    this.slider.onkeydown = (event) => this.onKey(event);
    this.number.onchange = () => this.finish(Math.min(Number(this.number.value), this.data.top));
    this.button.onclick = () => this.finish(null);
    this.observer = new ResizeObserver(() => this.drawing?.update());
    this.observer.observe(this.frame);
  }

  update(data, report) {
    Object.assign(this, { data, report });
    this.group = Group.of(data.group);
    this.group.parts.add(this);
    this.group.receive(data.live, report);
    for (const [name, color] of Object.entries(data.colors)) this.frame.style.setProperty(`--${name}`, color);
    this.slider.max = this.number.max = data.top;
    if (data.chart !== this.drawn) {
      this.drawn = data.chart;
      this.chart.replaceChildren();
      this.drawing = data.chart ? new CHARTS[data.chart](this) : null;
    }
    this.chart.firstChild?.setAttribute("aria-label", data.alt);
    this.drawing?.update();
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
    this.drawing?.onCut();
  }

  destroy() {
    this.observer.disconnect();
    this.group?.leave(this);
    this.frame.remove();
  }
}
PARTS.cut = Cut;
