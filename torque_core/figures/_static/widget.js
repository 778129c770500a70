// The network as a widget of a notebook: an anywidget module. The model has the attributes of RewiringWidget.

const CONTROLS = `<div style="display: flex; flex-wrap: wrap; gap: 0.4rem 1rem; align-items: center; padding: 0.4rem 0">
  <label hidden>Layer <select></select></label>
  <label style="flex: 1; display: flex; gap: 0.5rem; align-items: center">Cut
    <input type="range" style="flex: 1; min-width: 8rem"></label>
  <output style="min-width: 15rem"></output></div><div></div>`;
const STEPS = 1000; // of the slider
const FOCUSABLE = "select, input, [tabindex]"; // where JupyterLab must not take arrow keys for its own shortcuts
const ADDED = 2; // code of the fate of added edges, which the cut leaves alone

export default {
  render({ model, el }) {
    el.innerHTML = CONTROLS;
    const [layer, slider, output, stage] = ["select", "input", "output", "div + div"].map((name) =>
      el.querySelector(name),
    );
    const layers = [...Array(model.get("_layers")).keys()];
    layer.innerHTML = layers.map((index) => `<option>${index}</option>`).join("");
    layer.parentElement.hidden = layers.length < 2;
    let network, torque, original, highest, erase;

    // Take the layer's edges from the model, and fit the slider to their torques.
    function read() {
      network = model.get("_network");
      torque = reals(network.edges.numbers.torque);
      original = bytes(network.edges.fate);
      highest = torque.reduce((most, value, k) => (original[k] === ADDED ? most : Math.max(most, value)), 0);
      const step = highest / STEPS || 1;
      Object.assign(slider, { min: 0, step, max: highest + step }); // beyond the highest torque nothing is pruned
      slider.style.accentColor = network.style.fates[1].color;
      layer.value = model.get("layer");
      show();
    }

    function show() {
      const cut = model.get("threshold");
      const moved = cut !== model.get("_cut"); // a learned cut need not be a threshold
      const threshold = Math.fround(cut ?? Infinity); // torques are float32, as the comparison in Python
      const counts = [0, 0, 0];
      const fates = original.map((fate, k) => {
        const now = moved && fate !== ADDED ? Number(torque[k] >= threshold) : fate;
        counts[now]++;
        return now;
      });
      const fate = btoa(Array.from(fates, (code) => String.fromCharCode(code)).join(""));
      const [kept, pruned, added] = counts.map((count) => count.toLocaleString("en"));
      const text = `${cut === null ? "none" : cut.toFixed(3)}: ${kept} kept, ${pruned} pruned, ${added} added`;
      slider.value = cut ?? slider.max;
      slider.setAttribute("aria-valuetext", text);
      output.textContent = text;
      const data = {
        network: { ...network, edges: { ...network.edges, fate } },
        height: model.get("_height"),
        alt: `Network of layer ${model.get("layer")}, cut at ${text}`,
        nodes: model.get("selected_nodes"),
        edges: model.get("selected_edges"),
        image: "png",
        listens: true,
      };
      erase = draw(stage, data, select);
      el.querySelectorAll(FOCUSABLE).forEach((it) => (it.dataset.lmSuppressShortcuts = "true"));
    }

    function select(nodes, edges, add) {
      const union = (name, items) => {
        const all = new Map([...(add ? model.get(name) : []), ...items].map((item) => [String(item), item]));
        model.set(name, [...all.values()]);
      };
      union("selected_nodes", nodes);
      union("selected_edges", edges);
      model.save_changes();
    }

    slider.oninput = () => model.set("threshold", slider.valueAsNumber > highest ? null : slider.valueAsNumber);
    slider.onchange = () => model.save_changes(); // on release
    layer.onchange = () => {
      model.set("layer", Number(layer.value));
      model.save_changes();
    };
    const shown = ["change:threshold", "change:selected_nodes", "change:selected_edges"];
    for (const name of shown) model.on(name, show);
    model.on("change:_network", read);
    read();
    return () => {
      for (const name of shown) model.off(name, show);
      model.off("change:_network", read);
      erase();
    };
  },
};
