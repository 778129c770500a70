// One step of the browser's back button for each thing that a person does. Streamlit makes one of every change of the
// address, also of what a page writes into it by itself, and that one would send whoever goes back forward again.
if (!window.stepsOfPeople) {
  window.stepsOfPeople = true;
  let acted = false;
  for (const gesture of ["pointerdown", "keydown", "drop"]) {
    addEventListener(gesture, () => { acted = true; }, true);
  }
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    if (acted) push(state, title, url);
    else history.replaceState(state, title, url);
    acted = false;
  };
}
