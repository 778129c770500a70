// Reports that the colour scheme of the page has changed, so that what the program draws follows it. The colour of an
// invisible element takes a moment to follow that of the page, and the end of it is an event.
export default function ({ parentElement, setTriggerValue }) {
  let probe = parentElement.querySelector("span");
  if (!probe) {
    probe = document.createElement("span");
    probe.style.cssText = "position: absolute; visibility: hidden; color: var(--st-background-color); transition: color 1ms";
    parentElement.append(probe);
  }
  const report = () => setTriggerValue("changed", true);
  probe.addEventListener("transitionend", report);
  return () => probe.removeEventListener("transitionend", report);
}
