"""The formulas of the lesson, with the numbers of what is on the screen."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
import torch

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.lesson.queries import chosen_edge, fields, neighbours
from pages.shared.lesson.results import lesson_results
from pages.shared.state.selection import selection

__all__ = ["FORMULAS", "Formula"]


@dataclass(frozen=True)
class Formula:
    """Lines of LaTeX, and what its symbols mean, in Markdown."""

    lines: tuple[str, ...]
    meaning: str


def _mislead(view: View) -> Formula:
    node, near = st.session_state.node, neighbours(view, st.session_state.node)
    y = view.dataset.data.y
    own = int((y[near] == y[node]).sum())
    return Formula(
        (
            r"h_v = \frac{|\{ u \in \mathcal{N}(v) : y_u = y_v \}|}{|\mathcal{N}(v)|}",
            rf"h_{{{node}}} = {_share(own, len(near))}",
        ),
        "$h_v$: share of the neighbours of node $v$ that are of its group; $\\mathcal{N}(v)$: its neighbours; $y_v$: "
        "its group.",
    )


def _torque(view: View) -> Formula:
    (i, j), column = chosen_edge(view)
    lever, force = (float(factor[column]) for factor in view.layer.torque.factors.values())
    value = float(view.layer.torque.value[column])
    return Formula(
        (
            rf"\ell_{{{i},{j}}} = 1 - \cos(h^2_{{i \setminus j}}, h^2_{{j \setminus i}}) = {lever:.3f}",
            rf"F_{{{i},{j}}} = 1 - \cos(x_i, x_j) = {force:.3f}",
            rf"\tau_{{{i},{j}}} = \ell_{{ij}} F_{{ij}} = {lever:.3f} \times {force:.3f} \approx {value:.3f}",
        ),
        "$\\ell$: lever arm, how unlike the neighbourhoods of two steps are, the link itself left out; $F$: force, how "
        "unlike the features $x$ of the ends are; $\\tau$: torque. None has a unit; each cosine lies between -1 and 1.",
    )


def _every(view: View) -> Formula:
    report = queries.layer_detection(*view.key, view.settings.layer)
    false, true = report.injected, view.layer.pairs.size(1) - report.injected
    assert report.auroc is not None  # the step has both kinds of links
    ahead = report.auroc * false * true
    injected = queries.injected(view.settings.dataset, view.settings.noise, view.layer)
    all_false = set(map(tuple, view.layer.pairs[:, injected].T.tolist()))
    selected = selection().edges
    return Formula(
        (
            r"\mathrm{AUROC} = P(\tau_{\text{false}} > \tau_{\text{true}})",
            rf"= \frac{{{_count(ahead)}}}{{{false} \times {true}}} = {report.auroc:.3f}",
            r"P(\text{false} \mid \text{selected}) = "
            + _share(len(all_false.intersection(selected)), len(selected), nothing="no link is selected"),
        ),
        "Of all pairs of a false and a true link, the share in which the false one has more torque, ties counted half: "
        "0.5 is chance, 1 is perfect. Below: of the selected links, those that are false.",
    )


def _gap(view: View) -> Formula:
    gap = view.rewiring.layers[view.settings.layer].cut.gap
    assert gap is not None  # the step's cut is the gap
    threshold = view.layer.cut.threshold
    edges = int(view.layer.pruned_mask.sum()) / view.layer.pairs.size(1)
    at = int(torch.searchsorted(gap.torques, threshold))
    symbols = r"g(\tau) = 2 \hat\pi S_0(\tau) - S(\tau)"
    meaning = (
        "$S(\\tau)$: share of the links that have at least torque $\\tau$; $S_0(\\tau)$: the same of chance pairs; "
        "$\\hat\\pi$: estimated share of links that mean nothing; $g$: the gap."
    )
    if at == len(gap.torques):
        return Formula((symbols, rf"S({threshold:.3f}) = 0"), meaning + " Here nothing is cut.")
    height, share = float(gap.heights[at]), gap.null_fraction
    chance = (height + edges) / 2 / share
    return Formula(
        (
            symbols,
            rf"g({threshold:.3f}) = 2 \times {share:.3f} \times {chance:.3f} - {edges:.3f} \approx {height:.3f}",
        ),
        meaning,
    )


def _add(view: View) -> Formula:
    layer, most = view.layer, view.settings.rewire.additions
    pruned, added = layer.pruned.size(1), layer.added.size(1)
    return Formula(
        (
            r"|\mathcal{A}| \le \rho \, |\mathcal{P}|",
            rf"{added} \le {most:.2f} \times {pruned} = {most * pruned:.1f}",
        ),
        "$\\mathcal{A}$: added links; $\\mathcal{P}$: pruned links; $\\rho$: how many may come for each that goes.",
    )


def _layers(view: View) -> Formula:
    layer, number = view.layer, view.settings.layer + 1
    counts = (layer.pairs.size(1), layer.pruned.size(1), layer.added.size(1), layer.rewired.size(1))
    return Formula(
        (
            r"|\mathcal{E}_l| = |\mathcal{E}| - |\mathcal{P}_l| + |\mathcal{A}_l|",
            rf"|\mathcal{{E}}_{number}| = {counts[0]} - {counts[1]} + {counts[2]} = {counts[3]}",
        ),
        "$\\mathcal{E}$: links of the noisy graph; $\\mathcal{P}_l$ and $\\mathcal{A}_l$: those that layer $l$ prunes "
        "and adds; $\\mathcal{E}_l$: its graph.",
    )


def _field(view: View) -> Formula:
    node, y = st.session_state.node, view.dataset.data.y
    lines = [r"R_2 = \{v\}, \quad R_{l-1} = R_l \cup \mathcal{N}_l(R_l)"]
    for name, field in zip(("before", "after"), fields(view, node), strict=True):
        others = field.nodes[field.nodes != node]
        sizes = [int(((field.hops >= 0) & (field.hops <= step)).sum()) for step in range(3)]
        own = _share(int((y[others] == y[node]).sum()), len(others))
        lines.append(rf"\text{{{name}: }} |R_2|, |R_1|, |R_0| = {', '.join(map(str, sizes))}; \quad {own}")
    return Formula(
        tuple(lines),
        "$R_0$: the receptive field of node $v$, all whom it hears through two layers, itself among them; "
        "$\\mathcal{N}_l$: neighbours in the graph of layer $l$. The fraction: those of the others of its group.",
    )


def _found(view: View) -> Formula:
    report = queries.layer_detection(*view.key, view.settings.layer)
    return Formula(
        (
            r"\text{precision} = \frac{|\mathcal{P} \cap \mathcal{F}|}{|\mathcal{P}|} = "
            + _share(report.hits, report.pruned, nothing="no link is pruned"),
            r"\text{recall} = \frac{|\mathcal{P} \cap \mathcal{F}|}{|\mathcal{F}|} = "
            + _share(report.hits, report.injected, nothing="no link is false"),
        ),
        "$\\mathcal{P}$: pruned links; $\\mathcal{F}$: false links, which the noise put in.",
    )


def _accuracy(view: View) -> Formula | None:
    results = lesson_results()
    if results is None:
        return None
    # rounded before they are subtracted, so that the line adds up
    torque, plain = (round(100 * float(results.row(name)["mean"]), 1) for name in ("torque_gap", "plain"))
    return Formula(
        (
            r"\Delta = a_{\text{torque}} - a_{\text{plain}}",
            rf"= {torque:.1f} - {plain:.1f} = {torque - plain:+.1f} \text{{ points}}",
        ),
        "$a$: share of the test nodes that the network classifies rightly, in %, mean over ten splits.",
    )


FORMULAS: dict[str, Callable[[View], Formula | None]] = {
    "mislead": _mislead,
    "torque": _torque,
    "every": _every,
    "gap": _gap,
    "prune": _found,
    "add": _add,
    "layers": _layers,
    "field": _field,
    "noise": _found,
    "accuracy": _accuracy,
}
"""By step."""


def _share(part: int, whole: int, *, nothing: str = "none") -> str:
    """A fraction, and the same in per cent; of nothing there is no share."""
    return rf"\frac{{{part}}}{{{whole}}} = {100 * part / whole:.0f}\,\%" if whole else rf"\text{{{nothing}}}"


def _count(number: float) -> str:
    return f"{number:,.0f}".replace(",", "{,}")
