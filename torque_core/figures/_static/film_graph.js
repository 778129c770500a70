// The messages that can reach the node in the middle of a film, and what follows from them: its receptive field and the
// influence of every node on it, as torque_core.diagnostics computes them (receptive_field, walk_influence), but at once
// for every cut. The data are those of torque_core/figures/film.py.

const FATE_PRUNED = 1, FATE_ADDED = 2;

class FilmGraph {
  constructor({ network, ring, degree, steps }) {
    this.ids = integers(network.nodes.id);
    this.labels = integers(network.nodes.label);
    this.names = network.nodes.name ?? [...this.ids].map(String);
    this.x = reals(network.nodes.x);
    this.y = reals(network.nodes.y);
    this.ring = integers(ring);
    this.style = network.style;
    this.rings = network.rings ?? [];
    this.centre = this.ids.indexOf(network.nodes.focus);
    this.degree = reals(degree);
    this.steps = steps.map((step) => ({
      source: integers(step.source), target: integers(step.target), before: bytes(step.before),
      fate: bytes(step.fate), injected: bytes(step.injected), limit: reals(step.limit),
      numbers: Object.fromEntries(Object.entries(step.numbers).map(([name, column]) => [name, reals(column)])),
      weight: step.weight?.map(reals), degree: step.degree && reals(step.degree),
    }));
    this.input = this.field(false); // does not depend on the cut
    // messages of nodes that are not drawn start at the arc that counts these
    this.hidden = this.x.map((x) => Number(Number.isNaN(x)));
    const placed = this.rings.map(() => 0);
    for (const k of this.ids.keys()) {
      if (!this.hidden[k]) continue;
      const { radius, start, end, omitted } = this.rings[this.ring[k] - 1];
      const angle = start + ((placed[this.ring[k] - 1]++ + 0.5) / omitted) * (end - start);
      [this.x[k], this.y[k]] = [radius * Math.cos(angle), radius * Math.sin(angle)];
    }
    this.angle = this.x.map((x, k) => Math.atan2(x, this.y[k]));
  }

  // Fate of a message at a cut of the last layer: { threshold, byHand }, or null for the cut with which it was computed.
  fateOf(s, k, cut) {
    const step = this.steps[s], fate = step.fate[k];
    if (s || !cut) return fate;
    if (fate === FATE_ADDED) return !cut.byHand || cut.threshold <= step.limit[k] ? fate : FATE_PRUNED;
    if (Number.isNaN(step.numbers.torque[k])) return fate;
    return step.numbers.torque[k] >= cut.threshold ? FATE_PRUNED : 0;
  }

  // The receptive field before rewiring, or after it at a cut. `parent` is the next node on the way to the middle, `edges`
  // the messages by which the field grows, as [step, message].
  field(rewired, cut = null) {
    const size = this.ids.length, hops = new Int32Array(size).fill(-1), parent = new Int32Array(size).fill(-1);
    const edges = [];
    let influence = new Float64Array(size);
    influence[this.centre] = 1;
    hops[this.centre] = 0;
    for (const [s, { source, target, before, weight, degree }] of this.steps.entries()) {
      const ofHand = rewired && !s && cut?.byHand; // without edge confidence
      const sent = (k) => (rewired ? this.fateOf(s, k, cut) !== FATE_PRUNED : before[k] === 1);
      const weightOf = (k) => (weight && !ofHand ? weight[rewired ? 1 : 0][k] : 1);
      const messages = [...source.keys()].filter(sent);
      const degrees = rewired ? degree ?? this.count(messages, target, weightOf) : this.degree;
      const next = influence.map((value, u) => value / degrees[u]); // along the self-loop
      const most = new Float64Array(size).fill(-1), fresh = [];
      for (const k of messages) {
        const u = source[k], w = target[k];
        if (u < 0 || w < 0 || hops[w] < 0) continue;
        const flow = (weightOf(k) * influence[w]) / Math.sqrt(degrees[u] * degrees[w]);
        next[u] += flow;
        if (hops[u] >= 0) continue;
        fresh.push(k);
        const value = flow + (hops[w] === s ? 2 : 0); // prefer the shortest way
        if (value > most[u]) [most[u], parent[u]] = [value, w];
      }
      for (const k of fresh) hops[source[k]] = s + 1;
      for (const k of fresh) if (hops[target[k]] === s || parent[source[k]] === target[k]) edges.push([s, k]);
      influence = next;
    }
    const total = influence.reduce((sum, value) => sum + value, 0);
    return { hops, parent, edges, influence: influence.map((value) => value / total) };
  }

  // Degrees of the nodes that receive these messages, with the self-loop.
  count(messages, target, weightOf) {
    const degrees = new Float64Array(this.ids.length).fill(1);
    for (const k of messages) if (target[k] >= 0) degrees[target[k]] += weightOf(k);
    return degrees;
  }
}
