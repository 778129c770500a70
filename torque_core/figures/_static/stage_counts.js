// What a cut does to a graph, in numbers: the same as torque_core computes for the same cut, but at once, for each frame
// of a drag.

const roundHalfToEven = (x) => {
  const below = Math.floor(x), rest = x - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1; // as Python rounds
};
const ratio = (part, whole) => (whole ? part / whole : null);

class EdgeCounts {
  // `source` and `target` are node indices, `fate` tells added edges (2) from scored ones. `additions` is the largest
  // number of added edges as a fraction of the pruned ones.
  constructor({ labels, source, target, fate, injected, torque, additions }) {
    Object.assign(this, { labels, source, target, fate, injected, torque, additions });
    const edges = [...fate.keys()];
    this.scored = edges.filter((k) => fate[k] !== 2);
    this.added = edges.filter((k) => fate[k] === 2).sort((j, k) => torque[j] - torque[k] || j - k);
    this.totalInjected = this.scored.filter((k) => injected[k]).length;
    this.before = this.graph(Infinity, 0);
  }

  // How many of the added edges, those of lowest torque first, a cut by hand leaves.
  addedAt(pruned, byHand) {
    const most = byHand && this.additions !== null ? roundHalfToEven(this.additions * pruned) : Infinity;
    return Math.min(this.added.length, most);
  }

  at(cut, byHand) {
    let pruned = 0, hits = 0;
    for (const k of this.scored) {
      if (this.torque[k] < cut) continue;
      pruned += 1;
      hits += this.injected[k];
    }
    const added = this.addedAt(pruned, byHand);
    return {
      pruned, hits, added, edges: this.scored.length, injected: this.totalInjected, ...this.graph(cut, added),
    };
  }

  // Edge homophily, edges between classes, isolated nodes and connected components of the graph below a cut with so many added edges.
  graph(cut, added) {
    const { labels, source, target, torque } = this;
    const parent = Int32Array.from(labels.keys()), touched = new Uint8Array(labels.length);
    let components = labels.length, alike = 0, labelled = 0;
    const root = (i) => {
      while (parent[i] !== i) i = parent[i] = parent[parent[i]];
      return i;
    };
    const connect = (k) => {
      const i = source[k], j = target[k];
      touched[i] = touched[j] = 1;
      if (labels[i] >= 0 && labels[j] >= 0) {
        labelled += 1;
        alike += labels[i] === labels[j];
      }
      const [a, b] = [root(i), root(j)];
      if (a === b) return;
      parent[a] = b;
      components -= 1;
    };
    for (const k of this.scored) if (!(torque[k] >= cut)) connect(k);
    for (let rank = 0; rank < added; rank++) connect(this.added[rank]);
    const isolated = labels.length - touched.reduce((sum, one) => sum + one, 0);
    return { homophily: ratio(alike, labelled), between: labelled ? labelled - alike : null, isolated, components };
  }
}
