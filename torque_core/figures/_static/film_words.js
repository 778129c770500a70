// What a frame of the film shows, in words.

const wholePercent = (share) => `${Math.round(100 * share)} %`;
const plural = (number, name) => `${count(number)} ${name}${number === 1 ? "" : "s"}`;

// Name of a class in a sentence.
function classInWords(style, label) {
  const { name } = style.classes[label];
  return /^\d+$/.test(name) ? `class ${name}` : label < 0 ? "nodes of unknown class" : name;
}

// The class whose part of the pie matters: that of the node or, if it is unknown, the known one of most influence.
function leadingClass({ graph, before }) {
  const own = graph.labels[graph.centre], known = [...before.pie].filter(([label]) => label >= 0);
  return own >= 0 || !known.length ? own : known.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

// `word` is what the reader calls an edge.
function filmText(timeline, state, word = "edge") {
  const { graph, layers, before, after } = timeline, leading = leadingClass(timeline);
  const node = `node ${graph.names[graph.centre]}`, name = classInWords(graph.style, leading);
  const isOwn = leading >= 0 && leading === graph.labels[graph.centre], ownClass = isOwn ? `its own class, ${name}` : name;
  const reached = (field) => plural(field.hops.filter((hops) => hops > 0).length, "node");
  const [old, now] = [before.pie.get(leading), after.pie.get(leading)];
  const arrived = [...state.pie.values()].reduce((sum, share) => sum + share, 0);
  const step = Math.min(layers, Math.max(1, Math.ceil(state.beats - DELAY)));
  switch (state.scene) {
    case "opening":
      return `You stand in ${node}${isOwn ? `, ${name}` : ""}. Through ${plural(layers, "layer")}, messages from ` +
        `${reached(before)} reach you.`;
    case "listen":
    case "replay":
      return `${state.scene === "listen" ? "Before rewiring" : `The same again, without the pruned ${word}s`}: in every ` +
        `layer, messages move one ${word} closer. Step ${step} of ${layers}: ${wholePercent(arrived)} of all influence ` +
        `has arrived, ${wholePercent(state.pie.get(leading))} from ${name}.`;
    case "before":
      return `Before rewiring, ${wholePercent(old)} of the influence on ${node} comes from ${ownClass}.`;
    case "rewind":
      return "Rewind: the messages return to their nodes.";
    case "weigh":
      return weighingText(timeline, word);
    default:
      return `After rewiring, ${wholePercent(now)} comes from ${ownClass}: ${changeText(old, now)}. Messages from ` +
        `${reached(after)} reach ${node}.`;
  }
}

function weighingText({ graph, pruned, added }, word) {
  const number = pruned.length, hits = pruned.filter(([s, k]) => graph.steps[s].injected[k]).length;
  const start = `Torque weighs every ${word}, lever arm × force: `, one = number === 1;
  const gain = added.length ? ` ${plural(added.length, word)} of low torque ${added.length === 1 ? "is" : "are"} added.` : "";
  if (!number) return `${start}here, none reaches the cut.${gain}`;
  const noise = graph.steps.some(({ injected }) => injected.includes(1));
  return `${start}${plural(number, word)} on the way ${one ? "reaches" : "reach"} the cut and ${one ? "is" : "are"} pruned` +
    `${noise ? `, ${count(hits)} of them injected by the noise` : ""}.${gain}`;
}

function changeText(old, now) {
  const points = Math.round(100 * now) - Math.round(100 * old);
  return points ? `${plural(Math.abs(points), "point")} ${points > 0 ? "more" : "less"} than before` : "as before";
}
