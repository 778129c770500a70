// Camera of a network: keyboard control, fitting, and synchronisation between canvases with the same camera name.

const MARGIN = 30; // pixels around the network when it is fitted to the canvas

class Camera {
  constructor(canvas) {
    this.canvas = canvas;
    this.moved = false; // by the user; the view is then preserved when the canvas is resized
  }

  listen() {
    const { network, picture, all } = this.canvas;
    network.on("zoom", () => this.setMoved());
    network.on("dragStart", ({ nodes }) => nodes.length || this.setMoved());
    network.on("resize", () => this.moved || this.fit()); // the canvas may have been created before its final layout
    picture.addEventListener("keydown", (event) => this.onKey(event));
    all.onclick = () => this.fit();
  }

  onKey(event) {
    const { key } = event;
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const zoom = { "+": 1.25, "=": 1.25, "-": 0.8 }[key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(step || zoom || key === "0")) return;
    event.preventDefault();
    event.stopPropagation();
    if (step && !event.shiftKey && this.canvas.walk) return this.canvas.walk(...step);
    const { x, y, scale } = this.view();
    if (key === "0") this.fit();
    else this.setMoved();
    if (zoom) this.show({ x, y, scale: scale * zoom });
    else if (step) this.show({ x: x + (60 * step[0]) / scale, y: y + (60 * step[1]) / scale, scale });
  }

  view() {
    const { network } = this.canvas;
    return { ...network.getViewPosition(), scale: network.getScale() };
  }

  show({ x, y, scale }) {
    this.canvas.network.moveTo({ position: { x, y }, scale });
  }

  // Show all nodes of this canvas and of those that share its camera.
  fit() {
    const { clientWidth, clientHeight } = this.canvas.picture;
    if (!clientWidth || !clientHeight) return;
    const cameras = [this, ...this.peers()];
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { canvas } of cameras) {
      for (const x of canvas.x) [left, right] = [Math.min(left, x), Math.max(right, x)];
      for (const y of canvas.y) [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
    }
    const [width, height] = [clientWidth, clientHeight].map((side) => Math.max(side - 2 * MARGIN, MARGIN));
    const scale = Math.min(width / (right - left), height / (bottom - top), 1);
    const view = left <= right ? { x: (left + right) / 2, y: (top + bottom) / 2, scale } : { x: 0, y: 0, scale: 1 };
    this.setMoved(false);
    for (const camera of cameras) {
      if (!camera.canvas.network) continue;
      camera.lastView = {};
      camera.show(view); // immediately: a fitted canvas that is not redrawn yet would pass on its previous view
    }
  }

  setMoved(moved = true) {
    for (const camera of [this, ...this.peers()]) camera.moved = moved;
  }

  peers() {
    const cameras = [...canvases.values()].map((canvas) => canvas.camera);
    return cameras.filter((camera) => camera !== this && this.name && camera.name === this.name);
  }

  // After each drawing: if this camera moved, move its peers. Their own drawing then does not count as a movement.
  synchronise() {
    if (!this.lastView) return;
    const view = this.view();
    const distance = Math.hypot(view.x - this.lastView.x, view.y - this.lastView.y) * view.scale; // in pixels
    if (distance < 0.01 && view.scale === this.lastView.scale) return;
    this.remember();
    for (const camera of this.peers()) {
      if (!camera.canvas.network) continue;
      camera.show(view);
      camera.remember();
    }
  }

  remember() {
    this.lastView = this.view();
    const { x, y, scale } = this.lastView;
    this.canvas.frame.dataset.camera = [x, y, scale].join(" "); // lets browser tests locate nodes on the screen
  }
}
