// Copies the URL of the page, or the same URL with other query parameters, and reports that it was copied.
export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button");
  const label = parentElement.querySelector(".label");
  const status = parentElement.querySelector("[role=status]");
  const input = parentElement.querySelector("input");
  let timer;

  label.textContent = data.label;
  label.classList.toggle("compact", data.compact);
  button.title = data.help;

  const announce = (text) => {
    label.textContent = status.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => {
      label.textContent = data.label;
      status.textContent = "";
    }, 2500);
  };

  // Browsers provide the clipboard only on localhost and https. Otherwise show the URL so that it can be copied manually.
  const selectForCopying = (url) => {
    input.value = url;
    input.hidden = false;
    input.focus();
    input.select();
    announce("Press Ctrl+C");
  };

  button.onclick = () => {
    const url = new URL(location.href);
    if (data.query !== null) url.search = data.query;
    if (!navigator.clipboard) return selectForCopying(url.href);
    navigator.clipboard.writeText(url.href).then(
      () => { input.hidden = true; announce("Copied"); },
      () => selectForCopying(url.href),
    );
  };
  input.onblur = () => { input.hidden = true; };
  return () => clearTimeout(timer);
}
