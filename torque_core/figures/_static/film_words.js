// What a frame of the film shows, in words.

const wholePercent = (share) => `${Math.round(100 * share)} %`;
const plural = (number, name) => `${count(number)} ${name}${number === 1 ? "" : "s"}`;

// Name of a class in a sentence.
function classInWords(style, label) {
  const { name } = style.classes[label];
  return /^\d+$/.test(name) ? `class ${name}` : label < 0 ? "unknown class" : name;
}

// The class whose part of the pie matters: that of the node, or of most influence if that is unknown.
function leadingClass({ graph, before }) {
  const own = graph.labels[graph.centre];
  return own >= 0 ? own : [...before.pie].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

function filmText(timeline, state) {
  const { graph, layers, before, pruned, added } = timeline;
  const node = `node ${graph.names[graph.centre]}`, own = leadingClass(timeline), name = classInWords(graph.style, own);
  const size = (field) => plural(field.hops.filter((hops) => hops > 0).length, "node");
  const [old, now] = [before.pie.get(own), timeline.after.pie.get(own)];
  const arrived = [...state.pie.values()].reduce((sum, share) => sum + share, 0);
  const step = Math.min(layers, Math.max(1, Math.ceil(state.beats - DELAY)));
  switch (state.scene) {
    case "opening":
      return `You stand in ${node}, ${name}. Through ${plural(layers, "layer")}, messages from ${size(before)} reach you.`;
    case "listen":
    case "replay":
      return `${state.scene === "listen" ? "Before rewiring" : "The same again, without the pruned edges"}: in every ` +
        `layer, messages move one edge closer. Step ${step} of ${layers}: ${wholePercent(arrived)} of all influence has ` +
        `arrived, ${wholePercent(state.pie.get(own))} from ${name}.`;
    case "before":
      return `Before rewiring, ${wholePercent(old)} of the influence on ${node} comes from its class, ${name}.`;
    case "rewind":
      return "Rewind: the messages return to their nodes.";
    case "weigh": {
      const number = pruned.length, hits = pruned.filter(([s, k]) => graph.steps[s].injected[k]).length;
      const noise = graph.steps.some(({ injected }) => injected.includes(1));
      if (!number) return `Torque weighs every edge, lever arm × force: here, none reaches the cut.${addedText(added)}`;
      return `Torque weighs every edge, lever arm × force: ${plural(number, "edge")} on the way ` +
        `${number === 1 ? "reaches" : "reach"} the cut and ${number === 1 ? "is" : "are"} pruned` +
        `${noise ? `, ${count(hits)} of them injected by the noise` : ""}.${addedText(added)}`;
    }
    default:
      return `After rewiring, ${wholePercent(now)} comes from ${name}, ${changeText(old, now)}; messages from ` +
        `${size(timeline.after)} reach ${node}.`;
  }
}

const addedText = (added) => (added.length ? ` ${plural(added.length, "edge")} of low torque ${added.length === 1 ? "is" : "are"} added.` : "");

function changeText(old, now) {
  const points = Math.round(100 * now) - Math.round(100 * old);
  if (!points) return "as before";
  return `${plural(Math.abs(points), "point")} ${points > 0 ? "more" : "less"} than before`;
}
