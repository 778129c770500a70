// What a frame of the film shows, apart from how it is drawn: new Timeline(graph, cut).at(frame) is a state. Everything is
// computed from the frame alone, so that a link to a frame shows the same picture.

const FRAMES_PER_SECOND = 10;
const [OPENING, BEAT, LATE, HOLD, REWIND, WEIGHING, ENDING] = [12, 30, 15, 15, 18, 80, 20]; // frames
const DELAY = LATE / BEAT; // beats between the first and the last message of a ring
const MAX_BALANCES = 8;
const TIPPING = 0.25; // part of the weighing that one balance takes
const WEIGHED = 0.8; // part of the weighing after which added edges appear

const ease = (part) => part * part * (3 - 2 * part);
const within = (value) => Math.min(1, Math.max(0, value));

class Timeline {
  constructor(graph, cut = null) {
    this.graph = graph;
    this.layers = graph.steps.length;
    this.before = this.follow(graph.input);
    this.after = this.follow(graph.field(true, cut));
    this.before.pie = this.pie(this.before);
    this.after.pie = this.pie(this.after);
    const listening = BEAT * this.layers + LATE;
    let start = 0;
    this.scenes = Object.entries({
      opening: OPENING, listen: listening, before: HOLD, rewind: REWIND, weigh: WEIGHING, replay: listening, after: ENDING,
    }).map(([name, frames]) => ({ name, start, end: (start += frames) }));
    this.last = start;
    const isPruned = ([s, k]) => graph.fateOf(s, k, cut) === FATE_PRUNED;
    const torque = ([s, k]) => graph.steps[s].numbers.torque[k];
    this.pruned = this.before.edges.filter(isPruned).sort((a, b) => (torque(b) || 0) - (torque(a) || 0));
    const kept = this.before.edges.filter((edge) => !isPruned(edge)), on = new Set(this.after.edges.map(String));
    this.kept = kept.filter((edge) => on.has(String(edge)));
    this.idle = kept.filter((edge) => !on.has(String(edge))); // they are there, but lead to the middle no more
    this.added = this.after.edges.filter(([s, k]) => graph.fateOf(s, k, cut) === FATE_ADDED);
    this.stops = this.restingFrames();
  }

  // Add to a field when the message of each node arrives in the middle, in beats, and the way that it takes.
  follow(field) {
    const { angle } = this.graph, { hops, parent } = field;
    const arrival = new Float64Array(hops.length).fill(Infinity);
    for (let hop = 0; hop <= this.layers; hop++) {
      const ring = [...hops.keys()].filter((k) => hops[k] === hop).sort((j, k) => angle[j] - angle[k] || j - k);
      ring.forEach((k, rank) => (arrival[k] = hop && hop + (DELAY * rank) / ring.length));
    }
    const ways = [...hops.keys()].map((k) => {
      const way = [k];
      while (hops[k] > 0) way.push((k = parent[k]));
      return way;
    });
    return { ...field, arrival, ways, most: field.influence.reduce((a, b) => Math.max(a, b), 0) };
  }

  // Frames at which something has just happened: the user steps from one to the next.
  restingFrames() {
    const stops = [0];
    for (const { name, start, end } of this.scenes) {
      if (name === "listen" || name === "replay") {
        const beats = name === "listen" ? this.layers : this.layers - 1; // the last of the replay is the end
        for (let beat = 1; beat <= beats; beat++) stops.push(start + BEAT * beat + LATE);
      }
      if (name === "weigh") stops.push(start + Math.round(WEIGHING * 0.45), end - 1);
      if (name === "after") stops.push(end);
    }
    return stops;
  }

  at(frame) {
    const now = within(frame / this.last) * this.last;
    const scene = this.scenes.find(({ end }) => now < end) ?? this.scenes.at(-1);
    const part = (now - scene.start) / (scene.end - scene.start);
    const all = this.layers + DELAY;
    const beats = {
      opening: 0, listen: (now - scene.start) / BEAT, before: all, rewind: all * (1 - ease(part)), weigh: 0,
      replay: (now - scene.start) / BEAT, after: all,
    }[scene.name];
    const rewired = scene.name === "replay" || scene.name === "after";
    const field = rewired ? this.after : this.before;
    return {
      frame: now, scene: scene.name, part, beats, rewired, field,
      weighing: scene.name === "weigh" ? part : rewired ? 1 : 0,
      // the node is in the pie from the moment when the first message can arrive
      pie: this.pie(field, scene.name === "opening" || scene.name === "weigh" ? -1 : beats),
      pulses: scene.name === "weigh" || scene.name === "opening" ? [] : this.pulses(field, beats),
      balances: scene.name === "weigh" ? this.balances(part) : [],
    };
  }

  // Influence on the middle of the messages that have arrived after so many beats, by class; -1 is unknown.
  pie(field, beats = this.layers + DELAY) {
    const shares = new Map([...this.graph.labels].sort((a, b) => a - b).map((label) => [label, 0]));
    field.arrival.forEach((arrival, k) => {
      const label = this.graph.labels[k];
      if (arrival <= beats) shares.set(label, shares.get(label) + field.influence[k]);
    });
    return shares;
  }

  // Messages on their way: the node that sent it, and the point where it is.
  pulses(field, beats) {
    const { x, y } = this.graph, pulses = [];
    field.ways.forEach((way, node) => {
      const hops = field.hops[node], edges = way.length - 1;
      const passed = (within(1 - (field.arrival[node] - beats) / hops) || 0) * edges;
      if (hops < 1 || passed >= edges) return;
      const at = Math.floor(passed), rest = ease(passed - at), [i, j] = [way[at], way[at + 1]];
      pulses.push({ node, x: x[i] + (x[j] - x[i]) * rest, y: y[i] + (y[j] - y[i]) * rest });
    });
    return pulses;
  }

  // The balances of the pruned edges of highest torque, one after the other: how far each has appeared and tipped.
  balances(part) {
    const { steps, hidden } = this.graph;
    const scored = this.pruned.filter(([s, k]) =>
      !Number.isNaN(steps[s].numbers.torque[k]) && !hidden[steps[s].source[k]] && !hidden[steps[s].target[k]]);
    const shown = scored.slice(0, MAX_BALANCES);
    return shown.map((edge, rank) => {
      const start = shown.length < 2 ? 0.1 : ((WEIGHED - TIPPING) * rank) / (shown.length - 1);
      const own = (part - start) / TIPPING;
      return { edge, visible: within(own * 5) * within((1.3 - own) * 4), tipped: ease(within((own - 0.25) / 0.5)) };
    }).filter(({ visible }) => visible > 0);
  }

  // How far a pruned edge has gone at a part of the weighing.
  gone(rank, weighing) {
    const shown = Math.min(this.pruned.length, MAX_BALANCES);
    const order = shown < 2 ? 0.1 : ((WEIGHED - TIPPING) * Math.min(rank, shown - 1)) / (shown - 1);
    return within((weighing - order - 0.75 * TIPPING) / (0.5 * TIPPING));
  }
}
