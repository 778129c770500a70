// The network as a component of the app. theme.js precedes it.

export default function ({ data, parentElement, setTriggerValue }) {
  let leave;
  const forget = drawInTheme(parentElement, data, (themed) => {
    leave = draw(parentElement, themed, (nodes, edges, add) => setTriggerValue("gesture", { nodes, edges, add }));
  });
  return () => {
    forget();
    leave?.();
  };
}
