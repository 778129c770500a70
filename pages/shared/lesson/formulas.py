"""The formulas of the lesson, filled in with the numbers of the current picture."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
import torch

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.lesson.queries import chosen_edge, neighbours, receptive_fields
from pages.shared.lesson.results import lesson_results
from pages.shared.state.selection import selection

__all__ = ["FORMULAS", "Formula"]


@dataclass(frozen=True)
class Formula:
    """The same in words and in symbols.

    Attributes:
        words: One sentence with the numbers of the picture, in Markdown.
        lines: Lines of LaTeX.
        legend: Legend of the symbols, in Markdown.
    """

    words: str
    lines: tuple[str, ...]
    legend: str


def _mislead(view: View) -> Formula:
    node, y = st.session_state.node, view.dataset.data.y
    near = neighbours(view, node)
    same_group = int((y[near] == y[node]).sum())
    return Formula(
        f"Node {node} listens to {len(near)} nodes; {same_group} of them are of its group.",
        (
            r"h_v = \frac{|\{ u \in \mathcal{N}(v) : y_u = y_v \}|}{|\mathcal{N}(v)|}",
            rf"h_{{{node}}} = {_fraction(same_group, len(near))}",
        ),
        "$h_v$: fraction of the neighbours of node $v$ that are of its group; $\\mathcal{N}(v)$: its neighbours; "
        "$y_v$: its group.",
    )


def _torque(view: View) -> Formula:
    (i, j), column = chosen_edge(view)
    lever, force = (float(factor[column]) for factor in view.layer.torque.factors.values())
    value = float(view.layer.torque.value[column])
    return Formula(
        f"The ends of {i} – {j} are **{lever:.3f}** apart and **{force:.3f}** unlike; their product is the torque.",
        (
            rf"\ell_{{{i},{j}}} = 1 - \cos(h^2_{{i \setminus j}}, h^2_{{j \setminus i}}) = {lever:.3f}",
            rf"F_{{{i},{j}}} = 1 - \cos(x_i, x_j) = {force:.3f}",
            rf"\tau_{{{i},{j}}} = \ell_{{ij}} F_{{ij}} = {lever:.3f} \times {force:.3f} \approx {value:.3f}",
        ),
        "$\\ell$: lever arm, how unlike the two-step neighbourhoods of the ends are without the link itself; $F$: "
        "force, how unlike the features $x$ are; $\\tau$: torque. None has a unit; each cosine is in [-1, 1].",
    )


def _every(view: View) -> Formula:
    report = queries.layer_detection(*view.key, view.settings.layer)
    false, true = report.injected, view.layer.pairs.size(1) - report.injected
    assert report.auroc is not None  # this step has both kinds of links
    ahead = report.auroc * false * true
    injected = queries.injected(view.settings.dataset, view.settings.noise, view.layer)
    false_links = set(map(tuple, view.layer.pairs[:, injected].T.tolist()))
    selected = selection().edges
    return Formula(
        f"Of all pairs of a false and a true link, the false one has the higher torque in **{report.auroc:.0%}**. "
        f"{len(selected)} link{'s'[: len(selected) != 1]} selected, {len(false_links.intersection(selected))} false.",
        (
            r"\mathrm{AUROC} = P(\tau_{\text{false}} > \tau_{\text{true}})",
            rf"= \frac{{{_count(ahead)}}}{{{false} \times {true}}} = {report.auroc:.3f}",
            r"P(\text{false} \mid \text{selected}) = "
            + _fraction(len(false_links.intersection(selected)), len(selected), empty="no link is selected"),
        ),
        "The fraction of all pairs of a false and a true link in which the false one has the higher torque; ties count "
        "one half. 0.5 is no better than guessing, 1 is perfect. Below: the fraction of the selected links that are "
        "false.",
    )


def _gap(view: View) -> Formula:
    gap = view.rewiring.layers[view.settings.layer].cut.gap
    assert gap is not None  # this step uses the cut rule 'gap'
    threshold = view.layer.cut.threshold
    edges = int(view.layer.pruned_mask.sum()) / view.layer.pairs.size(1)
    at = int(torch.searchsorted(gap.torques, threshold))
    formula = r"g(\tau) = 2 \hat\pi S_0(\tau) - S(\tau)"
    legend = (
        "$S(\\tau)$: fraction of the links with at least torque $\\tau$; $S_0(\\tau)$: the same fraction of random "
        "pairs; $\\hat\\pi$: estimated fraction of meaningless links; $g$: the gap."
    )
    if at == len(gap.torques):
        words = f"No link has a torque of {threshold:.3f} or more: nothing is cut."
        return Formula(words, (formula, rf"S({threshold:.3f}) = 0"), legend)
    height, null_fraction = float(gap.heights[at]), gap.null_fraction
    tail = (height + edges) / 2 / null_fraction
    return Formula(
        f"A cut at {threshold:.3f} removes **{edges:.0%}** of the links, and **{tail:.0%}** of random pairs.",
        (
            formula,
            rf"g({threshold:.3f}) = 2 \times {null_fraction:.3f} \times {tail:.3f} - {edges:.3f} \approx {height:.3f}",
        ),
        legend,
    )


def _add(view: View) -> Formula:
    layer, most = view.layer, view.settings.rewire.additions
    pruned, added = layer.pruned.size(1), layer.added.size(1)
    return Formula(
        f"{pruned} links are pruned, so at most {most * pruned:.1f} may be added; {added} are.",
        (
            r"|\mathcal{A}| \le \rho \, |\mathcal{P}|",
            rf"{added} \le {most:.2f} \times {pruned} = {most * pruned:.1f}",
        ),
        "$\\mathcal{A}$: added links; $\\mathcal{P}$: pruned links; $\\rho$: largest number of added links per "
        "pruned link.",
    )


def _layers(view: View) -> Formula:
    layer, number = view.layer, view.settings.layer + 1
    counts = (layer.pairs.size(1), layer.pruned.size(1), layer.added.size(1), layer.rewired.size(1))
    return Formula(
        f"Layer {number} starts from {counts[0]} links, prunes {counts[1]} and adds {counts[2]}: {counts[3]} are left.",
        (
            r"|\mathcal{E}_l| = |\mathcal{E}| - |\mathcal{P}_l| + |\mathcal{A}_l|",
            rf"|\mathcal{{E}}_{number}| = {counts[0]} - {counts[1]} + {counts[2]} = {counts[3]}",
        ),
        "$\\mathcal{E}$: links of the noisy graph; $\\mathcal{P}_l$ and $\\mathcal{A}_l$: links that layer $l$ prunes "
        "and adds; $\\mathcal{E}_l$: links of its graph.",
    )


def _receptive_field(view: View) -> Formula:
    node, y = st.session_state.node, view.dataset.data.y
    heard = []
    lines = [r"R_2 = \{v\}, \quad R_{l-1} = R_l \cup \mathcal{N}_l(R_l)"]
    for name, field in zip(("before", "after"), receptive_fields(view, node), strict=True):
        others = field.nodes[field.nodes != node]
        sizes = [int(((field.hops >= 0) & (field.hops <= step)).sum()) for step in range(3)]
        alike = int((y[others] == y[node]).sum())
        same_group = _fraction(alike, len(others))
        heard.append(f"{len(others)} nodes, {alike} of its group")
        lines.append(rf"\text{{{name}: }} |R_2|, |R_1|, |R_0| = {', '.join(map(str, sizes))}; \quad {same_group}")
    return Formula(
        f"Before, node {node} hears {heard[0]}; after, {heard[1]}.",
        tuple(lines),
        "$R_0$: the receptive field of node $v$, all nodes that it hears through two layers, including itself; "
        "$\\mathcal{N}_l$: neighbours in the graph of layer $l$. The fraction counts others of its group.",
    )


def _detection(view: View) -> Formula:
    report = queries.layer_detection(*view.key, view.settings.layer)
    return Formula(
        f"{report.pruned} links are pruned, {report.hits} of them false; {report.injected} links are false in all.",
        (
            r"\text{precision} = \frac{|\mathcal{P} \cap \mathcal{F}|}{|\mathcal{P}|} = "
            + _fraction(report.hits, report.pruned, empty="no link is pruned"),
            r"\text{recall} = \frac{|\mathcal{P} \cap \mathcal{F}|}{|\mathcal{F}|} = "
            + _fraction(report.hits, report.injected, empty="no link is false"),
        ),
        "$\\mathcal{P}$: pruned links; $\\mathcal{F}$: false links, inserted by the noise.",
    )


def _accuracy(view: View) -> Formula | None:
    results = lesson_results()
    if results is None:
        return None
    # rounded before they are subtracted, so that the line adds up
    torque, plain = (round(100 * float(results.row(name)["mean"]), 1) for name in ("torque_default", "plain"))
    return Formula(
        f"With torque, the network classifies {torque:.1f} % of the test nodes correctly; without, {plain:.1f} %.",
        (
            r"\Delta = a_{\text{torque}} - a_{\text{plain}}",
            rf"= {torque:.1f} - {plain:.1f} = {torque - plain:+.1f} \text{{ points}}",
        ),
        "$a$: percentage of the test nodes that the network classifies correctly, mean of ten splits.",
    )


FORMULAS: dict[str, Callable[[View], Formula | None]] = {
    "mislead": _mislead,
    "torque": _torque,
    "every": _every,
    "gap": _gap,
    "prune": _detection,
    "add": _add,
    "layers": _layers,
    "field": _receptive_field,
    "noise": _detection,
    "accuracy": _accuracy,
}
"""By the name of the step."""


def _fraction(part: int, whole: int, *, empty: str = "none") -> str:
    """A fraction and its percentage in LaTeX, or a text if the denominator is zero."""
    return rf"\frac{{{part}}}{{{whole}}} = {100 * part / whole:.0f}\,\%" if whole else rf"\text{{{empty}}}"


def _count(number: float) -> str:
    return f"{number:,.0f}".replace(",", "{,}")
