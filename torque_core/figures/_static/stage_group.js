// The state that the parts of one view share: the cut and what is shown. A part changes it while the user moves
// something; the host hears of it when the user stops.

const groups = new Map(); // by name
const SHOWN = ["before", "changes", "after"];
const PAUSE = 250; // milliseconds without a change after which the host hears of the cut
const ANSWER = 10_000; // milliseconds after which the host has surely answered, or forgotten the user

class Group {
  static of(name) {
    if (!groups.has(name)) groups.set(name, new Group());
    return groups.get(name);
  }

  constructor() {
    this.parts = new Set();
    this.hidden = new Set(); // names of relations that the legend has switched off
    this.serial = 0; // of the last cut that the host was told
    this.moving = false;
  }

  // Take over what the host says, unless it does not know the user's last move yet.
  receive(live, report = this.report) {
    this.report = report;
    this.live = live;
    if (this.moving || (live.serial < this.serial && Date.now() - this.serial < ANSWER)) return;
    this.setCut(live.cut, { moving: false });
  }

  show(name) {
    if (name === this.shown) return;
    this.shown = name;
    for (const part of this.parts) part.onShown?.();
  }

  // Switch a relation on or off.
  toggle(name) {
    if (!this.hidden.delete(name)) this.hidden.add(name);
    for (const part of this.parts) part.onHidden?.();
  }

  // `cut` is null if nothing is pruned.
  setCut(cut, { moving = true } = {}) {
    const changed = cut !== this.cut;
    Object.assign(this, { cut, moving });
    if (!changed) return;
    for (const part of this.parts) part.onCut?.();
  }

  // Show one of several graphs.
  setStep(step) {
    if (step === this.step) return;
    this.step = step;
    for (const part of this.parts) part.onStep?.();
  }

  // What a stage counts at the present cut; undefined if there is no stage.
  tell(counted) {
    this.counted = counted;
    for (const part of this.parts) part.onCounts?.();
  }

  // The threshold as single-precision number, as which torques are compared.
  get threshold() {
    return this.cut === null ? Infinity : Math.fround(this.cut);
  }

  get byHand() {
    return this.cut !== this.live.rule;
  }

  // The user moved the cut; null resets it to that of the rule.
  move(cut) {
    this.setCut(cut === null ? this.live.rule : Number(cut.toPrecision(6)));
    this.pending = cut === null ? "" : String(this.cut);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.commit(), PAUSE);
  }

  commit() {
    clearTimeout(this.timer);
    this.moving = false;
    if (this.pending === undefined) return;
    this.serial = Date.now();
    this.report?.("cut", { value: this.pending, serial: this.serial });
    this.pending = undefined;
    for (const part of this.parts) part.onCut?.(); // at rest, with all detail
  }

  leave(part) {
    this.commit();
    this.parts.delete(part);
  }
}
