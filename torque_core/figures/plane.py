"""Torque plane: lever arm against force, with one point per edge and the curve of equal torque at the cut."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.iso_torque import iso_torque_curve, plane_axis
from torque_core.figures.palette import INJECTED, PRUNED, Theme
from torque_core.figures.plotly_text import class_text, plotly_text
from torque_core.figures.sampling import stratified_sample
from torque_core.rewiring.record import LayerRewiring

__all__ = ["torque_plane"]

_WEBGL_FROM = 15_000  # points; below it, SVG is as fast and prints sharply
_LARGE_DOTS_UP_TO = 500  # points
_CELLS = 48  # of the density heatmap, in each direction
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
    """Draw each scored edge of a layer at its lever arm and force.

    Edges of equal torque lie on a hyperbola, :math:`\\ell F = \\tau`; the one at the threshold separates pruned from
    kept edges. If the torque has a third factor, there is no such curve. If a factor is the same for all edges, the
    points are spread along its axis for visibility, and the axis title states this.

    With more than ``max_points`` edges, a sample is drawn over a heatmap of the density of all edges. The sample
    contains the selected edges, and edges of each kind (kept or pruned, injected or not) in proportion to its frequency
    but at least a sixteenth of the points, spaced evenly along their ranked torques. The ``customdata`` of a point is
    the column of its edge in ``layer.pairs``.

    Args:
        layer: Record of the rewired layer.
        injected: Mask of the edges in ``layer.pairs`` that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`; they
            are drawn as diamonds.
        threshold: Edges with at least this torque are pruned; infinity if none are.
        theme: Light or dark theme.
        selected: Mask of the selected edges, bool, :math:`(|\\mathcal{E}|,)`; they are marked with a ring.
        max_points: Maximum number of points to draw.
        y: Labels, shown in the hover text of an edge, :math:`(|\\mathcal{V}|,)`.
        names: Names of the nodes; by default their indices.
        classes: Names of the classes; by default their indices.
    """
    selected_mask = np.zeros(len(injected), bool) if selected is None else selected.numpy()
    kind = layer.pruned_mask.numpy() + 2 * injected.numpy()
    drawn = stratified_sample(kind, layer.torque.value.numpy(), max_points, priority=selected_mask)
    lever, force = plane_axis("lever arm", layer.torque.lever), plane_axis("force", layer.torque.force)
    scatter = go.Scattergl if len(drawn) > _WEBGL_FROM else go.Scatter
    figure = go.Figure()
    if len(drawn) < len(kind):
        figure.add_trace(_density_heatmap(lever.values, force.values, theme))
    for number, (name, marker) in enumerate(zip(_KINDS, _markers(theme, len(drawn)), strict=True)):
        shown = drawn[kind[drawn] == number]
        figure.add_trace(
            scatter(
                x=lever.values[shown],
                y=force.values[shown],
                mode="markers",
                marker=marker,
                customdata=shown,
                text=_hover_texts(layer, shown, y, names, classes),
                hovertemplate=f"%{{text}}<br>{name}<extra></extra>",
                name=f"{name} ({(kind == number).sum():,})",
                showlegend=bool((kind == number).any()),
            )
        )
    if selected is not None:
        ringed = drawn[selected_mask[drawn]]
        figure.add_trace(
            scatter(
                x=lever.values[ringed],
                y=force.values[ringed],
                mode="markers",
                marker={"symbol": "circle-open", "size": 11, "color": theme.text, "line": {"width": 1.5}},
                hoverinfo="skip",
                name="selected",  # the toolbar counts them, with those that are not edges of the layer
            )
        )
    curve, explanation = iso_torque_curve(layer.torque.factors, threshold, lever, force)
    if curve is not None:
        figure.add_trace(
            go.Scatter(
                x=curve[0],
                y=curve[1],
                mode="lines",
                line={"color": theme.text, "width": 2, "dash": "dash"},
                hoverinfo="skip",
                name=f"cut at torque {threshold:.3f}",
            )
        )
    figure.update_layout(
        height=470,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": lever.title, "range": lever.range, "showticklabels": lever.constant is None},
        yaxis={"title": force.title, "range": force.range, "showticklabels": force.constant is None},
        legend={"orientation": "h", "y": -0.2, "x": 0, "yanchor": "top"},
        hovermode="closest",
        uirevision="plane",  # preserve zoom when the settings change
    )
    counts = ", ".join(f"{(kind == number).sum():,} {name}" for number, name in enumerate(_KINDS))
    outlined = "" if selected is None else f" {selected_mask.sum():,} are selected and marked with a ring."
    alt = f"Lever arm against force of {len(kind):,} edges: {counts}. {explanation}{outlined}"
    return DescribedFigure(figure, alt, _note(kind, drawn, selected_mask) if len(drawn) < len(kind) else None)


def _note(kind: np.ndarray, drawn: np.ndarray, selected: np.ndarray) -> str:
    """Description of the sample."""
    parts = [
        f"{(kind[drawn] == number).sum():,} of {(kind == number).sum():,} {name.replace(',', ' and')}"
        for number, name in enumerate(_KINDS)
        if (kind == number).any()
    ]
    ringed = f"; they include {selected[drawn].sum():,} of {selected.sum():,} selected edges" if selected.any() else ""
    return (
        f"Points: {len(drawn):,} of {len(kind):,} edges ({', '.join(parts)}), spaced evenly along the torques of each "
        f"kind{ringed}. The heatmap and all counts include every edge."
    )


def _markers(theme: Theme, count: int) -> tuple[dict[str, object], ...]:
    """Markers by kind, which differ in shape as well as in colour."""
    return (
        {"symbol": "circle", "size": 7 if count <= _LARGE_DOTS_UP_TO else 4, "color": theme.kept, "opacity": 0.7},
        {"symbol": "x-thin-open", "size": 6, "color": PRUNED, "line": {"width": 1.2}},
        {"symbol": "diamond-open", "size": 8, "color": INJECTED, "line": {"width": 1.6}},
        {"symbol": "diamond-x-open", "size": 8, "color": PRUNED, "line": {"width": 1.2}},
    )


def _hover_texts(
    layer: LayerRewiring,
    shown: np.ndarray,
    y: Tensor | None,
    names: Sequence[str] | None,
    classes: Sequence[str] | None,
) -> list[str]:
    """Hover text of each edge: endpoints, classes, factors and torque."""
    first, second = layer.pairs[:, shown].tolist()
    factors = layer.torque.factors
    columns = [[f"{name} {value:.3f}" for value in factor[shown].tolist()] for name, factor in factors.items()]
    name = str if names is None else lambda node: plotly_text(names[node])
    texts = [f"{name(i)} – {name(j)}" for i, j in zip(first, second, strict=True)]
    if y is not None:
        label = [class_text(value, classes) for value in y.tolist()]
        texts = [f"{text}<br>classes {label[i]} – {label[j]}" for text, i, j in zip(texts, first, second, strict=True)]
    torque = [f"torque {value:.3f}" for value in layer.torque.value[shown].tolist()]
    return ["<br>".join(lines) for lines in zip(texts, *columns, torque, strict=True)]


def _density_heatmap(lever: np.ndarray, force: np.ndarray, theme: Theme) -> go.Heatmap:
    """Density of all edges on a logarithmic scale."""
    counts, x, y = np.histogram2d(lever, force, bins=_CELLS)
    density = np.where(counts > 0, np.log1p(counts), np.nan).T
    return go.Heatmap(
        x=(x[1:] + x[:-1]) / 2,
        y=(y[1:] + y[:-1]) / 2,
        z=density,
        zmin=0,
        colorscale=[[0, theme.background], [1, theme.kept]],
        opacity=0.55,
        showscale=False,
        hoverinfo="skip",
    )
