"""Torque Explorer: navigation, sidebar, settings and their link; the pages do the rest.

Start it with ``python app.py``, or with ``streamlit run app.py``, which leaves the imports to the first visitor.
"""

import sys

import streamlit as st

from pages.shared.navigation import ASSETS, navigate
from pages.shared.settings import SETTINGS, read_link, write_link
from pages.shared.sidebar import sidebar

if not st.runtime.exists():
    from streamlit.web import cli

    import torque_core.figures  # noqa: F401 - done before the first page asks for it

    sys.argv = ["streamlit", "run", __file__, *sys.argv[1:]]
    sys.exit(cli.main())

page = navigate()
st.html(ASSETS / "style.css")
if "settings" not in st.session_state:  # a new session: the link says where to begin
    linked, st.session_state.problems = read_link(st.query_params.to_dict())
    st.session_state.update({key: setting.default for key, setting in SETTINGS.items()} | linked)
st.session_state.settings = sidebar()
st.query_params.from_dict(write_link(st.session_state))
for problem in st.session_state.problems:
    st.warning(problem, icon=":material/link_off:")
st.session_state.framed = True
page.run()
