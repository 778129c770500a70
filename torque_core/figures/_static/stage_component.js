// The stage as a component of the app.

export default function ({ data, parentElement, setTriggerValue }) {
  return drawStage(parentElement, data, setTriggerValue);
}
