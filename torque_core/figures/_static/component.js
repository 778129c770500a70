// The network as a component of the app.

export default function ({ data, parentElement, setTriggerValue }) {
  return draw(parentElement, data, (nodes, edges, add) => setTriggerValue("gesture", { nodes, edges, add }));
}
