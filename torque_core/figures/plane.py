"""The torque plane: lever arm against force, a point for each edge, and the curve of equal torque at the cut."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import INJECTED, PRUNED, Theme, class_name
from torque_core.figures.sampling import stratified_sample
from torque_core.rewiring.record import LayerRewiring

__all__ = ["torque_plane"]

_WEBGL_FROM = 15_000  # points; below it, SVG is as quick and prints sharp
_FEW = 500  # points; beyond it, dots are smaller
_CELLS = 48  # of the shading, in each direction
_GOLDEN = (math.sqrt(5) - 1) / 2
_KINDS = ("kept", "pruned", "injected, kept", "injected, pruned")


def torque_plane(
    layer: LayerRewiring,
    injected: Tensor,
    threshold: float,
    theme: Theme,
    *,
    selected: Tensor | None = None,
    max_points: int = 5000,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
) -> DescribedFigure:
    """Draw each judged edge of a layer where its lever arm and its force are.

    Edges of one torque lie on a hyperbola, :math:`\\ell F = \\tau`, and the one of the threshold parts what is pruned
    from what is kept. Where the torque has a third factor there is none, and none is drawn. A factor that is the same
    for all edges is no axis: the points are then spread along it just to be seen, and the axis says so.

    Beyond ``max_points`` edges a sample is drawn over a shading that counts all: the selected edges, and of each kind
    (kept or pruned, injected or not) as many as its share, at least a sixteenth of the points, evenly along its ranked
    torques. A point has the column of its edge in ``layer.pairs`` as ``customdata``.

    Args:
        layer: What happened.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`; they are diamonds.
        threshold: Edges from here up are pruned; infinity if none are.
        theme: Light or dark.
        selected: Which of them are selected, bool, :math:`(|\\mathcal{E}|,)`; they wear a ring.
        max_points: At most so many points are drawn.
        y: Labels, to say them of an edge's ends, :math:`(|\\mathcal{V}|,)`.
        names: Names of the nodes; by default their numbers.
        classes: Names of the classes; by default their numbers.
    """
    chosen = np.zeros(len(injected), bool) if selected is None else selected.numpy()
    kind = layer.pruned_mask.numpy() + 2 * injected.numpy()
    drawn = stratified_sample(kind, layer.torque.value.numpy(), max_points, first=chosen)
    lever, force = _axis("lever arm", layer.torque.lever), _axis("force", layer.torque.force)
    scatter = go.Scattergl if len(drawn) > _WEBGL_FROM else go.Scatter
    figure = go.Figure()
    if len(drawn) < len(kind):
        figure.add_trace(_shading(lever.values, force.values, theme))
    for number, (name, marker) in enumerate(zip(_KINDS, _markers(theme, len(drawn)), strict=True)):
        shown = drawn[kind[drawn] == number]
        figure.add_trace(
            scatter(
                x=lever.values[shown],
                y=force.values[shown],
                mode="markers",
                marker=marker,
                customdata=shown,
                text=_texts(layer, shown, y, names, classes),
                hovertemplate=f"%{{text}}<br>{name}<extra></extra>",
                name=f"{name} ({(kind == number).sum():,})",
                showlegend=bool((kind == number).any()),
            )
        )
    if selected is not None:
        ringed = drawn[chosen[drawn]]
        figure.add_trace(
            scatter(
                x=lever.values[ringed],
                y=force.values[ringed],
                mode="markers",
                marker={"symbol": "circle-open", "size": 11, "color": theme.text, "line": {"width": 1.5}},
                hoverinfo="skip",
                name=f"selected ({chosen.sum():,})",
            )
        )
    curve, meaning = _iso_torque(layer, threshold, lever, force)
    if curve is not None:
        figure.add_trace(
            go.Scatter(
                x=curve[0],
                y=curve[1],
                mode="lines",
                line={"color": theme.text, "width": 2, "dash": "dash"},  # is seen on the crosses
                hoverinfo="skip",
                name=f"torque {threshold:.3f}: the cut",
            )
        )
    figure.update_layout(
        height=470,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": lever.title, "range": lever.range, "showticklabels": lever.same is None},
        yaxis={"title": force.title, "range": force.range, "showticklabels": force.same is None},
        legend={"orientation": "h", "y": -0.2, "x": 0, "yanchor": "top"},
        hovermode="closest",
        uirevision="plane",  # zoom stays when the settings change
    )
    counts = ", ".join(f"{(kind == number).sum():,} {name}" for number, name in enumerate(_KINDS))
    outlined = "" if selected is None else f" {chosen.sum():,} are selected and wear a ring."
    alt = f"Lever arm against force of {len(kind):,} edges: {counts}. {meaning}{outlined}"
    return DescribedFigure(figure, alt, _note(kind, drawn, chosen) if len(drawn) < len(kind) else None)


def _note(kind: np.ndarray, drawn: np.ndarray, selected: np.ndarray) -> str:
    """What was sampled."""
    parts = [
        f"{(kind[drawn] == number).sum():,} of {(kind == number).sum():,} {name.replace(',', ' and')}"
        for number, name in enumerate(_KINDS)
        if (kind == number).any()
    ]
    ringed = f"; {selected[drawn].sum():,} of {selected.sum():,} selected ones are among them" if selected.any() else ""
    return (
        f"Points: {len(drawn):,} of {len(kind):,} edges ({', '.join(parts)}), evenly along the torques of each kind"
        f"{ringed}. The shading and every number count all."
    )


@dataclass(frozen=True)
class _Axis:
    """Where the points are along an axis; ``same`` is the factor if all edges have the same one."""

    values: np.ndarray
    title: str
    range: list[float]
    same: float | None = None


def _axis(name: str, factor: Tensor) -> _Axis:
    values = factor.numpy().astype(np.float64)
    high = float(values.max()) if len(values) else 1.0
    if not len(values) or np.ptp(values) > 1e-6 * high:
        return _Axis(values, f"{name} (no unit)", [0, 1.05 * high])
    # the multiples of the golden ratio fill an interval evenly, however many there are
    spread = high - 0.5 + np.arange(len(values)) * _GOLDEN % 1
    return _Axis(spread, f"{name} (no unit): {high:.3g} for all,<br>spread to be seen", [high - 0.6, high + 0.6], high)


def _markers(theme: Theme, count: int) -> tuple[dict[str, object], ...]:
    """By kind: shape tells them apart as well as colour."""
    return (
        {"symbol": "circle", "size": 7 if count <= _FEW else 4, "color": theme.kept, "opacity": 0.7},
        {"symbol": "x-thin-open", "size": 6, "color": PRUNED, "line": {"width": 1.2}},
        {"symbol": "diamond-open", "size": 8, "color": INJECTED, "line": {"width": 1.6}},
        {"symbol": "diamond-x-open", "size": 8, "color": PRUNED, "line": {"width": 1.2}},
    )


def _texts(
    layer: LayerRewiring,
    shown: np.ndarray,
    y: Tensor | None,
    names: Sequence[str] | None,
    classes: Sequence[str] | None,
) -> list[str]:
    """What is to be said of each edge."""
    first, second = layer.pairs[:, shown].tolist()
    factors = layer.torque.factors
    columns = [[f"{name} {value:.3f}" for value in factor[shown].tolist()] for name, factor in factors.items()]
    told = [f"{names[i]} – {names[j]}" if names else f"{i} – {j}" for i, j in zip(first, second, strict=True)]
    if y is not None:
        label = [class_name(value, classes) for value in y.tolist()]
        told = [f"{t}<br>classes {label[i]} – {label[j]}" for t, i, j in zip(told, first, second, strict=True)]
    torque = [f"torque {value:.3f}" for value in layer.torque.value[shown].tolist()]
    return ["<br>".join(lines) for lines in zip(told, *columns, torque, strict=True)]


def _shading(lever: np.ndarray, force: np.ndarray, theme: Theme) -> go.Heatmap:
    """How many edges lie where, all of them, on a logarithmic scale."""
    counts, x, y = np.histogram2d(lever, force, bins=_CELLS)
    shade = np.where(counts > 0, np.log1p(counts), np.nan).T
    return go.Heatmap(
        x=(x[1:] + x[:-1]) / 2,
        y=(y[1:] + y[:-1]) / 2,
        z=shade,
        zmin=0,
        colorscale=[[0, theme.background], [1, theme.kept]],
        opacity=0.55,
        showscale=False,
        hoverinfo="skip",
    )


def _iso_torque(
    layer: LayerRewiring, threshold: float, lever: _Axis, force: _Axis
) -> tuple[tuple[list[float], list[float]] | None, str]:
    """Where the torque is the threshold, and what it means; None where there is no such curve."""
    others = [name for name in layer.torque.factors if name not in ("lever arm", "force")]
    if others:
        said = f"The {', '.join(others)} counts too, so no curve parts pruned from kept edges; the marks tell them."
        return None, said
    if not math.isfinite(threshold):
        return None, "Nothing is cut."
    if threshold <= 0:
        return None, f"The cut at torque {threshold:.3f} takes every edge."
    same = [axis.same for axis in (lever, force) if axis.same is not None]
    if len(same) == 2 or 0 in same:
        return None, f"All edges have torque {math.prod(same):.3f}; the cut is at {threshold:.3f}."
    if lever.same is not None:
        curve = lever.range, [threshold / lever.same] * 2
    elif force.same is not None:
        curve = [threshold / force.same] * 2, force.range
    elif threshold >= lever.range[1] * force.range[1]:
        return None, f"The cut at torque {threshold:.3f} is above every edge."
    else:
        arm = np.geomspace(threshold / force.range[1], lever.range[1], 100)
        curve = arm.tolist(), (threshold / arm).tolist()
    return curve, f"A dashed curve marks the torque of the cut, {threshold:.3f}: edges beyond it are pruned."
