"""Torque Explorer: navigation, sidebar, settings and their link around the pages.

Start it with ``python app.py``. ``streamlit run app.py`` works, too, but loads most libraries on the first visit only.
"""

import gc
import sys

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.scriptrunner import RerunException
from streamlit.web import cli

from pages.shared.background.shutdown import lifespan
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.uploads import restore_upload
from pages.shared.frame.navigation import navigate, page_name, page_script
from pages.shared.frame.nested_pages import NestedPages
from pages.shared.frame.security_headers import SecurityHeaders
from pages.shared.frame.sidebar import sidebar
from pages.shared.frame.theme_watcher import watch_theme
from pages.shared.frame.toolbar import toolbar
from pages.shared.state import url_sync
from pages.shared.state.history import current_state, history
from pages.shared.state.owner import OwnerCookie
from pages.shared.state.paths import ASSETS
from pages.shared.state.teacher_mode import hidden_controls
from torque_core.utils.plugins import load_plugins

MAX_PROBLEMS = 5
WITHOUT = {"verdict": ("noise", "device")}  # parts of the sidebar that have no effect on a page
SCRIPTS = ("browser_history.js", "shortcuts.js")


def show_problems(problems: list[str]) -> None:
    """Show what is wrong with a link in one message, and how many problems are left out of a long list."""
    if not problems:
        return
    more = len(problems) - MAX_PROBLEMS
    lines = [*map(escape_markdown, problems[:MAX_PROBLEMS]), *([f"… and {more} more."] if more > 0 else [])]
    st.warning("\n".join(f"- {line}" for line in lines) if lines[1:] else lines[0], icon=":material/link_off:")


@st.cache_resource(show_spinner=False)
def register_plugins() -> None:
    """Load the plugins once per process; to look for them takes as long as a tenth of a page."""
    load_plugins()


@st.cache_resource(show_spinner=False)
def freeze_libraries() -> None:
    """Exclude the libraries' objects from Streamlit's garbage collection after each run; it would take 0.3 s."""
    gc.collect()
    gc.freeze()


def load_libraries() -> None:
    """Load the libraries of the pages, and use them once, before the first visit."""
    import pages.shared.views.export_menu  # noqa: F401
    from torque_core import Noise, add_noise, load, rewire
    from torque_core.figures.network_page import network_script

    network_script("component")
    rewire(add_noise(load("block_model").data, Noise("insert", 0.5)).data)


def draw() -> None:
    """Draw the frame and the page."""
    register_plugins()
    page = navigate()
    if goto := st.session_state.pop("goto", None):  # the page of a session file
        st.switch_page(page_script(goto))
    name = page_name(page)
    if name == "start" and st.query_params:  # a former link, when Explore was at the root
        st.switch_page(page_script("explore"), query_params=st.query_params.to_dict())
    st.html(ASSETS / "style.css")
    scripts = "".join(f"<script>{(ASSETS / name).read_text('utf-8')}</script>" for name in SCRIPTS)
    st.html(
        f'<h1 class="visually-hidden">Torque Explorer: {page.title}</h1>{scripts}',
        unsafe_allow_javascript=True,
    )
    restore_upload()
    url_sync.load_state(name)
    st.session_state.settings = sidebar(
        shown=name != "learn",  # Learn draws the controls of each step itself
        without=WITHOUT.get(name, ()),
    )
    history().record(current_state())
    watch_theme()
    if name != "start":  # Start shows none of the settings
        url_sync.write_url(name)
        if "toolbar" not in hidden_controls():
            toolbar(name)
    show_problems(st.session_state.problems)
    st.session_state.framed = True
    try:
        page.run()
    finally:
        if not isinstance(sys.exception(), RerunException):  # otherwise the next run records the change
            history().amend(current_state())
            if name != "start":
                url_sync.write_url(name)
    freeze_libraries()  # once, after the first page has imported its libraries


if st.runtime.exists():
    draw()
else:  # Streamlit finds this name and serves the application
    layers = (SecurityHeaders, NestedPages, OwnerCookie)
    app = st.App(__file__, middleware=[Middleware(layer) for layer in layers], lifespan=lifespan)
    if __name__ == "__main__":
        load_libraries()
        sys.argv = ["streamlit", "run", __file__, *sys.argv[1:]]
        sys.exit(cli.main())
