// Lets shortcuts work while a radio button, a check box or a slider has the focus: Streamlit ignores them in every input.
// Keys that such a control itself uses (arrows, space, Home, ...) stay with it.
if (!window.torqueShortcutsInstalled) {
  window.torqueShortcutsInstalled = true;
  const types = ["radio", "checkbox", "range"];
  addEventListener("keydown", (event) => {
    if (!types.includes(event.target.type) || !/^[a-z]$/i.test(event.key)) return;
    event.stopImmediatePropagation();
    const pass = (type, { key, code, keyCode, ctrlKey, metaKey, altKey, shiftKey }) => {
      const modifiers = { ctrlKey, metaKey, altKey, shiftKey };
      const copy = new KeyboardEvent(type, { key, code, keyCode, ...modifiers, bubbles: true, cancelable: true });
      return document.body.dispatchEvent(copy);
    };
    if (!pass("keydown", event)) event.preventDefault();
    addEventListener("keyup", (up) => pass("keyup", up), { capture: true, once: true });
  }, true);
}
