"""Torque Explorer: navigation, sidebar, settings and their link; the pages do the rest."""

import os

# threads of torch that wait for each other give up the processor: sessions and trainings share it
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import streamlit as st

from pages.shared.navigation import ASSETS, navigate
from pages.shared.settings import SETTINGS, read_link, write_link
from pages.shared.sidebar import sidebar

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
