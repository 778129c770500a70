// What rewiring does, in numbers: what it cuts and adds, what that gains, and what it costs. Each has a plain word above
// it and the term of the field below it. The stage draws them above the graph, or the host draws them apart:
//   data.counts  what the host counted: { now, before, auroc, cosine } as of EdgeCounts; auroc and cosine may be null
//   data.colors  text, outline
// While a stage of the group counts a cut that moves, its numbers replace those of the host.

const percent = (share) => (share === null ? "–" : `${(100 * share).toFixed(1)} %`);
const count = (number) => number.toLocaleString("en-US");
const change = (before, now, text) => (text(before) === text(now) ? text(now) : `${text(before)} → ${text(now)}`);
const NUMBERS = {
  Change: [
    ["pruned", "Cut", ({ now }) => [`${count(now.pruned)} of ${count(now.edges)}`, "edges pruned"],
      "Edges whose torque is at or above the cut, of all edges before rewiring."],
    ["added", "Added", ({ now }) => [count(now.added), "new edges"],
      "New edges, each with lower torque than three quarters of the kept edges."],
  ],
  Gain: [
    ["recall", "False edges cut", ({ now }) =>
      [`${count(now.hits)} of ${count(now.injected)}`, `recall ${percent(now.hits / now.injected)}`],
      "Edges that the noise injected and that are pruned. Recall: their fraction of all injected edges."],
    ["homophily", "Same class", ({ now, before }) => [change(before.homophily, now.homophily, percent), "edge homophily"],
      "Fraction of the edges that connect two nodes of the same class, before and after rewiring."],
    ["between", "Across classes", ({ now, before }) => [change(before.between, now.between, count), "edges between classes"],
      "Edges that connect two nodes of different classes, before and after rewiring."],
    ["auroc", "False above true", ({ auroc, cosine }) =>
      [auroc === null ? "–" : auroc.toFixed(3), `AUROC${cosine === null ? "" : `, cosine ${cosine.toFixed(3)}`}`],
      "AUROC of torque: the probability that an injected edge has higher torque than an original one. 0.5 is no better " +
      "than guessing, 1 is perfect. For comparison, the AUROC of the cosine distance between features."],
  ],
  Cost: [
    ["precision", "True edges cut", ({ now }) =>
      [count(now.pruned - now.hits), `precision ${percent(now.pruned ? now.hits / now.pruned : null)}`],
      "Original edges that are pruned. Precision: the fraction of the pruned edges that the noise injected."],
    ["isolated", "Left alone", ({ now, before }) => [change(before.isolated, now.isolated, count), "isolated nodes"],
      "Nodes without an edge, before and after rewiring."],
    ["components", "Pieces", ({ now, before }) => [change(before.components, now.components, count), "components"],
      "Connected parts of the graph, before and after rewiring."],
  ],
};

const OF_INJECTED = ["recall", "auroc", "precision"];

// Without injected edges, nothing is said about their detection, but how many edges connect two classes.
function isShown(name, { now, before, ...rest }) {
  if (OF_INJECTED.includes(name)) return now.injected > 0 && (name !== "auroc" || "auroc" in rest);
  return name !== "between" || (!now.injected && Number.isInteger(before.between) && Number.isInteger(now.between));
}

// Fill an element with a list of definitions for each group; numbers that are not given are left out.
function fillNumbers(strip, counts) {
  strip.className = "stage-numbers";
  strip.innerHTML = Object.entries(NUMBERS).map(([group, items]) =>
    `<dl class="group" data-group="${group}">` + items.filter(([name]) => isShown(name, counts)).map(
      ([name, word, texts, help]) => {
        const [value, term] = texts(counts);
        return `<div data-name="${name}" title="${help}"><dt>${word}</dt><dd>${value}</dd><dd class="term">${term}</dd></div>`;
      }).join("") + "</dl>").join("");
}

class Numbers {
  constructor(root) {
    this.frame = document.createElement("div");
    this.frame.className = "stage-strip";
    this.list = document.createElement("div");
    this.frame.append(this.list);
    root.append(this.frame);
  }

  update(data) {
    this.counts = data.counts;
    for (const [name, color] of Object.entries(data.colors)) this.frame.style.setProperty(`--${name}`, color);
    this.group = Group.of(data.group);
    this.group.parts.add(this);
    this.onCounts();
  }

  onCounts() {
    fillNumbers(this.list, { ...this.counts, ...(this.group.counted && { now: this.group.counted }) });
  }

  destroy() {
    this.group?.leave(this);
    this.frame.remove();
  }
}
PARTS.numbers = Numbers;
