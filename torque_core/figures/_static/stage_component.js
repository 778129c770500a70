// The stage as a component of the app. theme.js precedes it.

export default function ({ data, parentElement, setTriggerValue }) {
  let leave;
  const forget = drawInTheme(parentElement, data, (themed) => {
    leave = drawStage(parentElement, themed, setTriggerValue);
  });
  return () => {
    forget();
    leave();
  };
}
