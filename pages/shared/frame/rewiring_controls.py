"""The sidebar's controls of the method: what torque is made of, where the cut is, and what is added."""

import re
from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared.state.settings import MAX_LAYERS
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.rewiring.spec import AUTO, HIERARCHIES
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import PRODUCTS
from torque_core.utils.registry import Registry

__all__ = ["additions_slider", "describe", "fraction_slider", "rewiring_controls"]

_PRODUCT_TITLES = {"scalar": "Lever arm × force", "cross": "Vector product"}
_CUT_TITLES = {
    "gap": "Torque gap",
    "fixed": "Fixed fraction",
    "budget": "Fixed number",
    "otsu": "Two classes (Otsu)",
    "mixture": "Two distributions",
    "bernoulli": "Learned in training",
    "none": "Nothing",
}
_ADD_TITLES = {"budget": "Lowest torque", "gap": "As far as like kept edges", "bernoulli": "Learned in training"}


def rewiring_controls() -> None:
    automatic = "the {} whose torque tells the graph's edges best from pairs drawn by chance, without a label."
    _choice("Lever arm", LEVERS, "lever", auto=automatic.format("lever arm"), on_change=_other_torque)
    force = _choice("Force", FORCES, "force", auto=automatic.format("force"), on_change=_other_torque)
    with st.expander("Torque", icon=":material/rotate_right:"):
        st.selectbox(
            "Product",
            PRODUCTS,
            format_func=_PRODUCT_TITLES.__getitem__,
            key="product",
            on_change=_other_torque,
            help="Lever arm × force; or the size of their vector product, which also counts the angle between them.",
        )
        if force == "free":
            st.number_input(
                "Temperature", 0.01, 100.0, key="temperature", persist_state="session", help="Of the free energy."
            )
        if force == "disparity":
            st.slider(
                "Confidence",
                0,
                100,
                format="%d %%",
                key="confidence",
                persist_state="session",
                help="A node gets a pseudo-label from this class probability upwards.",
            )
    cut = _choice("Cut", CUTS, "cut", titles=_CUT_TITLES)
    if cut == "fixed":
        fraction_slider()
    if cut == "budget":
        st.number_input(
            "Edges to cut", 0, 10_000_000, step=10, key="budget", persist_state="session", help="In each layer."
        )
    with st.expander("Layers and additions", icon=":material/layers:"):
        st.number_input("Layers", 1, MAX_LAYERS, key="layers", help="Of the GNN: each has its own graph.")
        st.selectbox(
            "Hierarchy",
            HIERARCHIES,
            key="hierarchy",
            help="independent: each layer judges the input graph's edges anew, in the light of the graph of the layer "
            "before; nested: what a layer cuts stays cut.",
        )
        st.selectbox(
            "Edges that stay weigh",
            ("yes", "no"),
            format_func={"yes": "as the gap trusts them", "no": "all alike"}.__getitem__,
            key="trust",
            help="An edge whose torque is near the cut is about as likely chance as not: it then weighs half. Of the "
            "cuts the torque gap alone says so.",
        )
        _choice("Which links are added", ADDITIONS, "add", titles=_ADD_TITLES)
        st.number_input(
            "Hops to candidates",
            2,
            4,
            key="hops",
            help="How far apart the ends of a new link may be, beside the nearest.",
        )
        additions_slider()


def fraction_slider() -> None:
    st.slider("Fraction to cut", 0, 100, format="%d %% of the edges", key="fraction", persist_state="session")


def additions_slider() -> None:
    st.slider(
        "Links added at most",
        0,
        200,
        step=5,
        format="%d %% of the pruned",
        key="additions",
        help="New links of low torque, in per cent of the number of edges pruned.",
    )


def _other_torque() -> None:
    """A threshold that was set by hand means nothing on another scale."""
    st.session_state.threshold = ""


def _choice(
    label: str,
    registry: Registry[Callable[..., object]],
    key: str,
    *,
    titles: Mapping[str, str] | None = None,
    auto: str = "",
    on_change: Callable[[], None] | None = None,
) -> str:
    """A choice among registered functions, each explained by the first line of its docstring, and auto if explained."""
    titles = {AUTO: "auto: what fits the graph"} | dict(titles or {})

    def title(name: str) -> str:
        return titles.get(name, name.replace("_", " "))

    meanings = {name: describe(registry, name) for name in registry} | ({AUTO: auto} if auto else {})
    explained = "\n".join(f"- **{title(name)}**: {said}" for name, said in meanings.items())
    return st.selectbox(label, list(meanings), format_func=title, key=key, help=explained, on_change=on_change)


def describe(registry: Registry[Callable[..., object]], name: str) -> str:
    """What a registered function does: the first line of its docstring, its formulas as Markdown has them."""
    return re.sub(r":math:`([^`]*)`", r"$\1$", registry.describe(name))
