"""Bar chart of the influence on a node by hop, class or relation, before and after rewiring."""

from collections.abc import Sequence

import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme
from torque_core.figures.plotly_text import plotly_texts
from torque_core.utils.text import visible

__all__ = ["influence_figure"]

_MAX_DESCRIBED = 8  # groups in the description


def influence_figure(
    before: Tensor,
    after: Tensor,
    theme: Theme,
    *,
    groups: str = "hops",
    own_group: int | None = None,
    names: Sequence[str] | None = None,
) -> DescribedFigure:
    """Draw the distribution of the influence on a node, before rewiring (hatched) and after it (solid).

    Args:
        before: Influence by group, as fractions of the total, see
            :func:`~torque_core.diagnostics.influence_by_hop`, :func:`~torque_core.diagnostics.influence_by_class` and
            :func:`~torque_core.diagnostics.relation_influence`, :math:`(G,)`.
        after: The same after rewiring; the number of groups may differ.
        theme: Light or dark theme.
        groups: Kind of groups, for the axis title: ``hops``, ``classes`` or ``relations``.
        own_group: Group of the node itself, which is marked.
        names: Names of the groups; by default their indices.
    """
    count = max(len(before), len(after))
    labels = [visible(name) for name in names or map(str, range(count))][:count]
    if own_group is not None:
        labels[own_group] += " (this node)"
    percentages = [[100 * value for value in part.tolist()] + [0.0] * (count - len(part)) for part in (before, after)]
    markers: list[tuple[str, dict[str, object]]] = [
        ("before", {"color": theme.kept, "pattern": {"shape": "/", "size": 5}}),
        ("after", {"color": theme.added}),
    ]
    figure = go.Figure(
        [
            go.Bar(
                x=plotly_texts(labels),
                y=values,
                name=name,
                marker=marker,
                hovertemplate=f"%{{x}}: %{{y:.1f}} % {name}<extra></extra>",
            )
            for (name, marker), values in zip(markers, percentages, strict=True)
        ]
    )
    title = {"hops": "distance from the node (hops)", "classes": "class", "relations": "relation"}[groups]
    figure.update_layout(
        barmode="group",
        height=300,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": title, "type": "category"},
        yaxis={"title": "influence (%)", "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.3, "x": 0, "yanchor": "top"},
        uirevision="influence",
    )
    changes = [f"{label} {old:.1f} to {new:.1f}" for label, old, new in zip(labels, *percentages, strict=True)]
    more = f" and {count - _MAX_DESCRIBED} more" if count > _MAX_DESCRIBED else ""
    group = {"hops": "hop", "classes": "class", "relations": "relation"}[groups]
    described = "; ".join(changes[:_MAX_DESCRIBED])
    alt = f"Influence on the node by {group}, before to after, in percent: {described}{more}."
    return DescribedFigure(figure, alt, None)
