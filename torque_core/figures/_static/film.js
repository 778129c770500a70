// The film "Stand in the node", a part of the stage: messages travel to the node in the middle, where a pie counts the
// influence of each class; torque weighs the edges; the messages travel again. film_graph.js computes what is shown,
// film_timeline.js what a frame shows, film_words.js says it and film_painter.js draws it.
//   data.group, data.live  as for the stage; data.live is null if the film cannot follow the cut while it moves
//   data.film  see torque_core/figures/film.py
//   data.height, data.alt
//   data.word  what the reader calls an edge
//   data.frame  the frame to show, or null if it is the browser's alone
//   data.opening  whether it plays by itself at first, and can be skipped
// The frame at which the film comes to rest is reported: report("frame", number).

const FILM_ICONS = {
  play: '<path d="M8 5v14l11-7z"/>',
  pause: '<path d="M7 5h4v14H7zM13 5h4v14h-4z"/>',
  back: '<path d="M17 5v14L8 12zM5 5h2v14H5z"/>',
  next: '<path d="M7 5v14l9-7zM17 5h2v14h-2z"/>',
};
const MOST_CLASSES = 8; // in the list
const SETTLE = 400; // milliseconds after the last movement of the slider until the frame is reported

class Film {
  constructor(root) {
    this.root = root;
    this.box = document.createElement("div");
    this.box.className = "film";
    const button = (name, label) =>
      `<button type="button" class="${name}" aria-label="${label}" title="${label}">` +
      `<svg viewBox="0 0 24 24" aria-hidden="true">${FILM_ICONS[name]}</svg></button>`;
    this.box.innerHTML =
      '<div class="scene"><div class="picture" tabindex="0" role="application"><canvas></canvas></div>' +
      '<ul class="pie"></ul></div><p class="words"></p><div class="spoken" aria-live="polite"></div>' +
      `<div class="controls">${button("back", "Step back")}${button("play", "Play")}${button("next", "Step on")}` +
      '<input type="range" min="0" step="1" aria-label="Frame of the film"><output></output>' +
      '<button type="button" class="skip">Skip</button></div>';
    root.append(this.box);
    for (const name of ["picture", "pie", "words", "spoken", "back", "play", "next", "skip"]) {
      this[name] = this.box.querySelector(`.${name}`);
    }
    this.slider = this.box.querySelector("input");
    this.clock = this.box.querySelector("output");
    this.painter = new FilmPainter(this.box.querySelector("canvas"));
    this.frame = 0;
    this.sent = new Map(); // when the program was told of a frame
    this.play.onclick = () => (this.playing ? this.pause() : this.start());
    this.back.onclick = () => this.step(-1);
    this.next.onclick = () => this.step(1);
    this.skip.onclick = () => this.rest(this.timeline.last);
    this.slider.oninput = () => this.scrub(Number(this.slider.value));
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.picture);
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this.still.onchange = () => this.onStill();
  }

  update(data, report) {
    const first = !this.graph, text = JSON.stringify(data.film);
    Object.assign(this, { report, data });
    this.picture.setAttribute("aria-label", data.alt);
    this.box.style.setProperty("--height", `${data.height}px`);
    if (data.live) {
      this.group = Group.of(data.group);
      this.group.parts.add(this);
      this.group.receive(data.live);
    } else {
      this.group?.parts.delete(this);
      this.group = undefined;
    }
    if (text !== this.text) {
      this.text = text;
      this.graph = new FilmGraph(data.film);
      const { style } = this.graph;
      for (const name of ["background", "text", "outline"]) this.box.style.setProperty(`--${name}`, style[name]);
      this.box.style.setProperty("--ring", style.fates[FATE_ADDED].color);
    }
    this.onCut();
    this.slider.max = this.timeline.last;
    if (data.frame !== null && data.frame !== this.told && !this.isEcho(data.frame)) { // the program's wish, not the user's
      this.told = data.frame;
      this.pause({ report: false });
      this.frame = Math.min(data.frame, this.timeline.last);
    }
    this.onStill();
    this.draw();
    this.speak();
    if (first && data.opening && !this.still.matches) this.startWhenSeen();
  }

  startWhenSeen() {
    this.watch = new IntersectionObserver(([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      this.watch.disconnect();
      if (this.frame === 0) this.start();
    }, { threshold: 0.5 });
    this.watch.observe(this.picture);
  }

  // Without motion there are steps only.
  onStill() {
    this.play.hidden = this.still.matches;
    if (this.still.matches && this.playing) this.pause();
  }

  onCut() {
    if (!this.graph) return;
    const cut = this.group && { threshold: this.group.threshold, byHand: this.group.byHand };
    this.timeline = new Timeline(this.graph, cut);
    this.draw();
  }

  start() {
    clearTimeout(this.timer);
    if (this.frame >= this.timeline.last) this.frame = 0;
    this.playing = true;
    let before = performance.now();
    const tick = (now) => {
      this.frame += (Math.max(0, now - before) / 1000) * FRAMES_PER_SECOND;
      before = now;
      if (this.frame >= this.timeline.last) return this.rest(this.timeline.last);
      this.draw();
      this.request = requestAnimationFrame(tick);
    };
    this.request = requestAnimationFrame(tick);
    this.draw();
  }

  pause({ report = true } = {}) {
    const played = this.playing;
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
    this.playing = false;
    this.frame = Math.round(this.frame);
    this.draw();
    this.speak();
    if (played && report) this.tell();
  }

  // Come to rest at a frame, and let the program know.
  rest(frame) {
    this.pause({ report: false });
    this.frame = frame;
    this.draw();
    this.speak();
    this.tell();
  }

  step(by) {
    const { stops } = this.timeline, now = Math.round(this.frame);
    const to = by > 0 ? stops.find((stop) => stop > now) : stops.findLast((stop) => stop < now);
    this.rest(to ?? now);
  }

  scrub(frame) {
    this.pause({ report: false });
    this.frame = frame;
    this.draw();
    this.timer = setTimeout(() => this.rest(frame), SETTLE);
  }

  // Whether a frame is one that the program was told lately, so that it may not know of a later one yet.
  isEcho(frame) {
    return Date.now() - (this.sent.get(frame) ?? -Infinity) < ANSWER;
  }

  tell() {
    if (this.data.frame === null || this.frame === this.told) return;
    this.told = this.frame;
    this.sent.set(this.frame, Date.now());
    this.report("frame", this.frame);
  }

  onKey(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", " "];
    if (!keys.includes(key)) return;
    event.stopPropagation(); // the page has shortcuts of its own
    if (target !== this.picture) return;
    event.preventDefault();
    if (key === " ") return this.playing ? this.pause() : this.still.matches ? this.step(1) : this.start();
    if (key === "Home" || key === "End") return this.rest(key === "Home" ? 0 : this.timeline.last);
    this.step(key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1);
  }

  draw() {
    if (!this.timeline) return;
    const { timeline } = this, state = timeline.at(this.frame), seconds = Math.round(this.frame / FRAMES_PER_SECOND);
    this.painter.paint(timeline, state);
    const text = filmText(timeline, state, this.data.word);
    if (text !== this.words.textContent) this.words.textContent = text;
    this.drawPie(state);
    Object.assign(this.box.dataset, { frame: Math.round(this.frame), scene: state.scene, playing: Boolean(this.playing) });
    this.slider.value = Math.round(this.frame);
    this.slider.setAttribute("aria-valuetext", `frame ${Math.round(this.frame)} of ${timeline.last}`);
    this.clock.textContent = `${seconds} s of ${Math.round(timeline.last / FRAMES_PER_SECOND)} s`;
    const label = this.playing ? "Pause" : "Play";
    if (this.play.title !== label) {
      this.play.title = label;
      this.play.setAttribute("aria-label", label);
      this.play.querySelector("svg").innerHTML = FILM_ICONS[label.toLowerCase()];
    }
    this.back.disabled = this.frame <= 0;
    this.next.disabled = this.frame >= timeline.last;
    this.skip.hidden = !this.data.opening || !this.playing;
    if (this.playing && state.scene !== this.scene) this.speak();
    this.scene = state.scene;
  }

  // The list next to the picture has the numbers of the pie.
  drawPie(state) {
    const { timeline } = this, { style } = this.graph, old = timeline.before.pie;
    const largest = new Map([...old].map(([label, share]) => [label, Math.max(share, timeline.after.pie.get(label))]));
    const shown = [...largest.keys()].sort((a, b) => largest.get(b) - largest.get(a)).slice(0, MOST_CLASSES);
    const rows = [...state.pie].filter(([label]) => shown.includes(label)).map(([label, share]) => {
      const { color, shape } = style.classes[label], now = wholePercent(share);
      const past = state.weighing === 1 ? `was ${wholePercent(old.get(label))}` : "";
      return `<li data-label="${label}" data-share="${share.toFixed(6)}"><svg viewBox="-9 -9 18 18" aria-hidden="true">` +
        `${svgShape(shape, 0, 0, 6, `fill="${color}"`)}</svg><span>${escapeXml(classInWords(style, label))}</span>` +
        `<b>${now}</b><small>${past}</small></li>`;
    });
    const html = rows.join("");
    if (html !== this.rows) this.pie.innerHTML = this.rows = html;
  }

  speak() {
    if (this.timeline) this.spoken.textContent = filmText(this.timeline, this.timeline.at(this.frame), this.data.word);
  }

  destroy() {
    cancelAnimationFrame(this.request);
    clearTimeout(this.timer);
    this.still.onchange = null;
    this.watch?.disconnect();
    this.observer.disconnect();
    this.group?.leave(this);
    this.box.remove();
  }
}
PARTS.film = Film;
