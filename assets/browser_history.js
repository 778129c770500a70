// Adds one entry to the browser history per user action. Streamlit adds one for each change of the URL, including those
// made by the script itself, so that the back button would return to an entry that immediately redirects forward.
if (!window.torqueHistoryInstalled) {
  window.torqueHistoryInstalled = true;
  let userActed = false;
  for (const gesture of ["pointerdown", "keydown", "drop"]) {
    addEventListener(gesture, () => { userActed = true; }, true);
  }
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    if (userActed) push(state, title, url);
    else history.replaceState(state, title, url);
    userActed = false;
  };
}
