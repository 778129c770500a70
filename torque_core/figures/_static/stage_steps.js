// The control of the step: the graphs of a stage that has several are shown one after the other, by buttons, a slider, the
// keys of the app's shortcuts, or played. The host hears of a step when the user rests.
//   data.titles  of the steps
//   data.step, data.serial  the step that the host knows, and the serial number of the last one that it was told
//   data.colors  text, background, outline, ring
// report("step", { value, serial })

const SECONDS_PER_STEP = 1.5;
const STEP_ICONS = { previous: "M15 5l-7 7 7 7", play: "M8 5l11 7-11 7z", pause: "M8 5v14M16 5v14", next: "M9 5l7 7-7 7" };

class Steps {
  constructor(root) {
    this.frame = document.createElement("div");
    this.frame.className = "steps";
    const button = (name, label, key) =>
      `<button type="button" class="${name}" title="${label} (${key})"><svg viewBox="0 0 24 24" aria-hidden="true"><path/></svg>` +
      `<span>${label}</span></button>`;
    this.frame.innerHTML = button("previous", "Previous", "Left") + button("play", "Play", "P") + button("next", "Next", "Right") +
      '<label><span>Step</span><input type="range" min="0" step="1"></label><output></output>';
    root.append(this.frame);
    for (const name of ["previous", "play", "next"]) {
      this[name] = this.frame.querySelector(`.${name}`);
      this[name].querySelector("path").setAttribute("d", STEP_ICONS[name]);
    }
    [this.slider, this.output] = this.frame.querySelectorAll("input, output");
    this.previous.onclick = () => this.move(-1);
    this.next.onclick = () => this.move(1);
    this.play.onclick = () => this.toggle();
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.listener = (event) => this.onKey(event);
    addEventListener("keydown", this.listener);
  }

  update(data, report) {
    Object.assign(this, { data, report });
    this.group = Group.of(data.group);
    this.group.parts.add(this);
    for (const [name, color] of Object.entries(data.colors)) this.frame.style.setProperty(`--${name}`, color);
    this.slider.max = this.last = data.titles.length - 1;
    const isStale = data.serial < this.serial && Date.now() - this.serial < ANSWER;
    if (!this.timer && !this.playing && !isStale) this.group.setStep(data.step);
    this.onStep();
  }

  move(by) {
    this.go(Math.min(Math.max(this.group.step + by, 0), this.last));
  }

  // Show a step by hand, which stops the playing.
  go(step) {
    this.stop();
    this.show(step);
  }

  show(step) {
    this.group.setStep(step);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), PAUSE);
  }

  commit() {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.playing) return;
    this.serial = Date.now();
    this.report("step", { value: this.group.step, serial: this.serial });
  }

  toggle() {
    if (this.playing) return this.stop();
    if (this.group.step >= this.last) this.show(0);
    this.playing = setInterval(() => {
      if (this.group.step + 1 >= this.last) this.stop();
      this.show(Math.min(this.group.step + 1, this.last));
    }, 1000 * SECONDS_PER_STEP);
    this.onStep();
  }

  stop() {
    if (!this.playing) return;
    clearInterval(this.playing);
    this.playing = undefined;
    this.show(this.group.step);
    this.onStep();
  }

  onStep() {
    const { step } = this.group;
    this.slider.value = step;
    this.output.textContent = this.data.titles[step];
    this.slider.setAttribute("aria-valuetext", this.data.titles[step]);
    this.previous.disabled = step <= 0;
    this.next.disabled = step >= this.last;
    this.play.querySelector("span").textContent = this.playing ? "Pause" : "Play";
    this.play.querySelector("path").setAttribute("d", STEP_ICONS[this.playing ? "pause" : "play"]);
    this.frame.dataset.step = step;
  }

  // The shortcuts, unless a field or a figure uses the key itself.
  onKey(event) {
    const act = { ArrowLeft: () => this.move(-1), ArrowRight: () => this.move(1), p: () => this.toggle(), P: () => this.toggle() }[event.key];
    const { ctrlKey, metaKey, altKey, defaultPrevented } = event;
    if (!act || ctrlKey || metaKey || altKey || defaultPrevented) return;
    const used = event.composedPath().some((it) => it.matches?.("input, textarea, select, [role=application], [role=radio], [role=slider], [contenteditable]"));
    if (!used || (event.key.length === 1 && event.composedPath()[0] === this.slider)) act();
  }

  destroy() {
    removeEventListener("keydown", this.listener);
    clearInterval(this.playing);
    clearTimeout(this.timer);
    this.group?.leave(this);
    this.frame.remove();
  }
}
PARTS.steps = Steps;
