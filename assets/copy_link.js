// Copies the address of the page, or one with other parameters, and says so.
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const label = parentElement.querySelector(".label");
  const said = parentElement.querySelector("[role=status]");
  const field = parentElement.querySelector("input");
  let timer;

  label.textContent = data.label;
  button.title = data.help;

  const show = (text) => {
    label.textContent = said.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => {
      label.textContent = data.label;
      said.textContent = "";
    }, 2500);
  };

  // Away from localhost and https there is no clipboard: then the address is shown, to be copied by hand.
  const select = (address) => {
    field.value = address;
    field.hidden = false;
    field.focus();
    field.select();
    show("Press Ctrl+C");
  };

  button.onclick = () => {
    const address = new URL(location.href);
    if (data.query !== null) address.search = data.query;
    if (!navigator.clipboard) return select(address.href);
    navigator.clipboard.writeText(address.href).then(
      () => { field.hidden = true; show("Copied"); },
      () => select(address.href),
    );
  };
  field.onblur = () => { field.hidden = true; };
  return () => clearTimeout(timer);
}
