// Draws a component of the app in the theme of the page, and again when the page changes it: the system's colour scheme
// can change without a run of the program, which passes colours of the theme that it knew last. THEMES, the colours by
// purpose and name of the theme, precedes this script.

const inTheme = new Map(); // by root element

// Call `show(data)`, with the colours of the page's theme in data, now and whenever that theme changes.
function drawInTheme(root, data, show) {
  if (!inTheme.has(root)) inTheme.set(root, new ThemedPart(root));
  inTheme.get(root).update(data, show);
  return () => {
    inTheme.get(root)?.destroy();
    inTheme.delete(root);
  };
}

class ThemedPart {
  constructor(root) {
    // its colour takes a moment to follow the page's, the end of which is an event
    this.probe = document.createElement("span");
    this.probe.style.cssText =
      "position: absolute; visibility: hidden; color: var(--st-background-color); " +
      "outline-color: var(--st-background-color); transition: color 1ms";
    this.probe.addEventListener("transitionend", () => this.draw());
    root.append(this.probe);
  }

  update(data, show) {
    Object.assign(this, { data, show });
    this.draw();
  }

  draw() {
    const theme = this.theme();
    this.show(theme ? recoloured(this.data, theme) : this.data);
  }

  // The theme of the page; undefined if it declares none.
  theme() {
    const style = getComputedStyle(this.probe);
    if (!style.getPropertyValue("--st-background-color")) return undefined;
    const [red, green, blue] = style.outlineColor.match(/[\d.]+/g).map(Number);
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
  }

  destroy() {
    this.probe.remove();
  }
}

// A copy of data whose styles have the colours of a theme; columns and texts are shared.
function recoloured(data, theme) {
  const colours = new Map(Object.values(THEMES).flatMap((colors) =>
    Object.entries(colors).map(([purpose, colour]) => [colour, THEMES[theme][purpose]])));
  const replace = (value) => {
    if (typeof value === "string") return colours.get(value) ?? value;
    if (Array.isArray(value)) return value.map(replace);
    return value && typeof value === "object" ? mapped(value, replace) : value;
  };
  const search = (value, name) => {
    if (name === "style" || name === "colors") return replace(value);
    return value && typeof value === "object" && !Array.isArray(value) ? mapped(value, search) : value;
  };
  return search(data);
}

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
}
