"""Torque Explorer: navigation, sidebar, settings and their link; the pages do the rest.

Start it with ``python app.py``, or with ``streamlit run app.py``, which leaves the imports to the first visitor.
"""

import gc
import sys

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from pages.shared.frame.navigation import navigate, page_name, page_script
from pages.shared.frame.sidebar import sidebar
from pages.shared.frame.toolbar import toolbar
from pages.shared.state import url_sync
from pages.shared.state.history import current_state, history
from pages.shared.state.paths import ASSETS
from pages.shared.state.teacher_mode import hidden_controls
from torque_core.utils.plugins import load_plugins

if not st.runtime.exists():
    from streamlit.web import cli

    import pages.shared.views.export_menu  # noqa: F401 - what the first page asks for is loaded before anybody waits for it
    from torque_core import Noise, add_noise, load, rewire
    from torque_core.figures.network_page import network_script

    network_script()
    rewire(add_noise(load("block_model").data, Noise("insert", 0.5)).data)
    sys.argv = ["streamlit", "run", __file__, *sys.argv[1:]]
    sys.exit(cli.main())


@st.cache_resource(show_spinner=False)
def spare_the_collector() -> None:
    """Streamlit collects garbage after every run, and to look at all objects of the libraries takes 0.3 s each time."""
    gc.collect()
    gc.freeze()


load_plugins()
page = navigate()
if goto := st.session_state.pop("goto", None):  # a session file names its page
    st.switch_page(page_script(goto))
name = page_name(page)
if name == "start" and st.query_params:  # a link from when Explore stood at the root
    st.switch_page(page_script("explore"), query_params=st.query_params.to_dict())
st.html(ASSETS / "style.css")
history_script = (ASSETS / "browser_history.js").read_text("utf-8")
st.html(
    f'<h1 class="visually-hidden">Torque Explorer: {page.title}</h1><script>{history_script}</script>',
    unsafe_allow_javascript=True,
)
url_sync.load_state(name)
if name != "layers":
    st.session_state.pop("playing", None)  # who comes back finds it paused
st.session_state.settings = sidebar(
    shown=name != "learn",  # which draws those controls that it talks about
    without=("layer",) if name == "layers" else (),  # which has them all, and a step of its own
)
history().record(current_state())
if name != "start":  # which shows none of the settings
    url_sync.write_url(name)
    if "toolbar" not in hidden_controls():
        toolbar(name)
for problem in st.session_state.problems:
    st.warning(problem, icon=":material/link_off:")
st.session_state.framed = True
try:
    page.run()
finally:
    if not isinstance(sys.exception(), RerunException):  # else somebody did something, and the next run records it
        history().amend(current_state())
        if name != "start":
            url_sync.write_url(name)
spare_the_collector()  # once, when the first page has brought in what it needs
