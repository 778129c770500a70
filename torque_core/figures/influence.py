"""Influence bars: where the influence on a node comes from, before and after rewiring."""

from collections.abc import Sequence

import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme

__all__ = ["influence_figure"]

_MOST_SAID = 8  # groups in the description


def influence_figure(
    before: Tensor,
    after: Tensor,
    theme: Theme,
    *,
    groups: str = "hops",
    own: int | None = None,
    names: Sequence[str] | None = None,
) -> DescribedFigure:
    """Draw the shares of influence on a node side by side, before hatched and after solid.

    Args:
        before: Shares by hop or by class, see :func:`~torque_core.diagnostics.influence_by_hop` and
            :func:`~torque_core.diagnostics.influence_by_class`, :math:`(G,)`.
        after: The same after rewiring; it may have more groups or fewer.
        theme: Light or dark.
        groups: What the groups are, for the axis: ``hops`` or ``classes``.
        own: The group of the node itself, to be marked.
        names: Names of the groups; by default their numbers.
    """
    count = max(len(before), len(after))
    labels = list(names or map(str, range(count)))[:count]
    if own is not None:
        labels[own] += " (its own)"
    shares = [[100 * share for share in part.tolist()] + [0.0] * (count - len(part)) for part in (before, after)]
    looks: list[tuple[str, dict[str, object]]] = [
        ("before", {"color": theme.kept, "pattern": {"shape": "/", "size": 5}}),
        ("after", {"color": theme.added}),
    ]
    figure = go.Figure(
        [
            go.Bar(
                x=labels,
                y=values,
                name=name,
                marker=marker,
                hovertemplate=f"%{{x}}: %{{y:.1f}} % {name}<extra></extra>",
            )
            for (name, marker), values in zip(looks, shares, strict=True)
        ]
    )
    title = {"hops": "steps from the node", "classes": "class"}[groups]
    figure.update_layout(
        barmode="group",
        height=300,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": title, "type": "category"},
        yaxis={"title": "share of influence (%)", "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.3, "x": 0, "yanchor": "top"},
        uirevision="influence",
    )
    said = [f"{label} {old:.1f} to {new:.1f}" for label, old, new in zip(labels, *shares, strict=True)]
    more = f" and {count - _MOST_SAID} more" if count > _MOST_SAID else ""
    alt = f"Influence on the node by {title}, before to after, in per cent: {'; '.join(said[:_MOST_SAID])}{more}."
    return DescribedFigure(figure, alt, None)
