"""Controls of the rewiring: lever arm, force, cut rule, layers and additions."""

import re
from collections.abc import Callable, Mapping

import streamlit as st

from pages.shared.frame.widgets import setting_widget
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.rewiring.spec import AUTO
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.utils.registry import Registry

__all__ = ["additions_slider", "describe", "fraction_slider", "rewiring_controls"]

_PRODUCT_TITLES = {"scalar": "Lever arm × force", "cross": "Vector product"}
_CUT_TITLES = {
    "gap": "Torque gap",
    "bounded_gap": "Torque gap, bounded",
    "fixed": "Fixed fraction",
    "budget": "Fixed number",
    "otsu": "Two classes (Otsu)",
    "mixture": "Mixture of two distributions",
    "bernoulli": "Learned in training",
    "none": "Nothing",
}
_ADD_TITLES = {"budget": "Lowest torque", "gap": "Torque gap at the low end", "bernoulli": "Learned in training"}
_AUTO_TITLE = "auto: what fits the graph"
# plain words first, then the term of the field
_LABELS = {
    "lever": "How far apart the ends are (lever arm)",
    "force": "How unlike the ends are (force)",
    "product": "How both combine (product)",
    "screen": "Weight edges by similarity (screening)",
    "cut": "Which edges to prune (cut rule)",
    "hierarchy": "Which edges a layer scores (hierarchy)",
    "weighted": "Lower weights for doubtful edges (confidence)",
    "add": "Which edges to add (rule for additions)",
    "hops": "How far to look for new edges (hops)",
}


def rewiring_controls() -> None:
    """Draw the controls in the sidebar."""
    automatic = "the {} whose torque best separates the graph's edges from null-model pairs; no labels are used."
    _registry_choice("lever", LEVERS, auto=automatic.format("lever arm"), on_change=_clear_threshold)
    force = _registry_choice("force", FORCES, auto=automatic.format("force"), on_change=_clear_threshold)
    with st.expander("Torque", icon=":material/rotate_right:"):
        setting_widget(
            "product",
            label=_LABELS["product"],
            format_func=lambda name: _PRODUCT_TITLES.get(name, name),
            on_change=_clear_threshold,
            help_text="Lever arm × force, or the norm of their vector product, which also depends on the angle between "
            "them.",
        )
        setting_widget(
            "screen",
            label=_LABELS["screen"],
            on_change=_clear_threshold,
            help_text="Neighbourhoods are computed with less weight on edges whose ends have as little in common as "
            "random pairs, so that false edges do not hide each other. No edge is pruned for that alone.",
        )
        options = () if force == AUTO else FORCES.properties(force).options
        for option in ("temperature", "confidence"):
            if option in options:
                setting_widget(option, persist=True)
    cut = _registry_choice("cut", CUTS, titles=_CUT_TITLES)
    options = CUTS.properties(cut).options
    if "fraction" in options:
        fraction_slider()
    if "budget" in options:
        setting_widget("budget", persist=True)
    with st.expander("Layers and additions", icon=":material/layers:"):
        setting_widget("layers")
        setting_widget(
            "hierarchy",
            label=_LABELS["hierarchy"],
            help_text="independent: each layer scores the edges of the input graph again, using the graph of the layer "
            "before; nested: each layer scores the edges that the layer before left, so pruned edges stay pruned.",
        )
        setting_widget(
            "weighted",
            label=_LABELS["weighted"],
            help_text="An edge whose torque is close to the threshold is about as likely as not to be noise; it then "
            "has about half its weight. Only the torque gaps estimate this confidence.",
        )
        _registry_choice("add", ADDITIONS, titles=_ADD_TITLES)
        setting_widget("hops", label=_LABELS["hops"])
        additions_slider()


def fraction_slider() -> None:
    """Draw the fraction that the cut rule ``fixed`` prunes."""
    setting_widget("fraction", persist=True, unit="%% of edges")


def additions_slider() -> None:
    """Draw the largest number of added edges."""
    setting_widget("additions", unit="%% of pruned edges")


def _clear_threshold() -> None:
    """Clear a threshold set by hand: it has no meaning on another scale of torque."""
    st.session_state.threshold = ""


def _registry_choice(
    key: str,
    registry: Registry[Callable[..., object]],
    *,
    titles: Mapping[str, str] | None = None,
    auto: str = "",
    on_change: Callable[[], None] | None = None,
) -> str:
    """Draw a choice of a registered function, with the first line of each docstring as help.

    Args:
        key: Key of the setting.
        registry: The functions.
        titles: Titles by name; by default the name.
        auto: Description of the automatic choice; empty if there is none.
        on_change: Called when the user changes the value.
    """
    titles = {AUTO: _AUTO_TITLE} | dict(titles or {})

    def title(name: str) -> str:
        return titles.get(name, name.replace("_", " "))

    descriptions = {name: describe(registry, name) for name in registry} | ({AUTO: auto} if auto else {})
    explained = "\n".join(f"- **{title(name)}**: {text}" for name, text in descriptions.items())
    return str(setting_widget(key, label=_LABELS[key], help_text=explained, format_func=title, on_change=on_change))


def describe(registry: Registry[Callable[..., object]], name: str) -> str:
    """Return the first line of a registered function's docstring, with formulas as Markdown."""
    return re.sub(r":math:`([^`]*)`", r"$\1$", registry.describe(name))
