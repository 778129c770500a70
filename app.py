"""Torque Explorer: navigation, sidebar, settings; the pages do the rest."""

import os
from pathlib import Path

# threads of torch that wait for each other give up the processor: sessions and trainings share it
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import streamlit as st

from pages.shared.settings import SETTINGS, read_link, write_link
from pages.shared.sidebar import sidebar

ASSETS = Path(__file__).parent / "assets"

st.set_page_config(page_title="Torque Explorer", page_icon=str(ASSETS / "icon.svg"), layout="wide")

if "greeted" not in st.session_state:  # a new session: the link says where to begin
    st.session_state.greeted = True
    linked, st.session_state.problems = read_link(st.query_params.to_dict())
    st.session_state.update({key: setting.default for key, setting in SETTINGS.items()} | linked)

page = st.navigation(
    [
        st.Page("pages/explore.py", title="Explore", icon=":material/hub:", default=True),
        st.Page("pages/receptive_field.py", title="Receptive field", icon=":material/target:"),
        st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
    ],
    position="top",
)
st.session_state.settings = sidebar()
for problem in st.session_state.problems:
    st.warning(problem, icon=":material/link_off:")
st.html(ASSETS / "style.css")
st.query_params.from_dict(write_link(st.session_state))
page.run()
