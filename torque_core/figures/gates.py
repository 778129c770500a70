"""Heat map of what a model takes from each relation, by layer and class."""

from collections.abc import Sequence

import plotly.graph_objects as go

from torque_core.diagnostics.gates import RelationGates
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme
from torque_core.figures.plotly_text import plotly_texts
from torque_core.utils.text import visible

__all__ = ["gates_figure", "relation_titles"]

_ROW = 34  # pixels
_MAX_LABELLED = 12  # classes; with more, the texts do not fit into the cells
_DIRECTIONS = {"forth": "along their direction", "back": "against their direction"}
_TITLES = {
    "kept": "kept edges",
    "pruned": "pruned edges",
    "added": "added edges",
    "torque": "edges weighted by torque",
    "self": "the node itself",
}


def relation_titles(relations: Sequence[str]) -> list[str]:
    """Return titles of relations as :class:`~torque_core.diagnostics.RelationGates` names them.

    Example:
        >>> relation_titles(["kept", "pruned_back"])
        ['kept edges', 'pruned edges, against their direction']
    """
    parts = [name.partition("_") for name in relations]
    return [", ".join(filter(None, (_TITLES.get(name, name), _DIRECTIONS.get(way)))) for name, _, way in parts]


def gates_figure(gates: RelationGates, theme: Theme, *, names: Sequence[str] | None = None) -> DescribedFigure:
    """Draw the contribution of each relation to the messages of each layer, by class of the node that receives them.

    Args:
        gates: Gates and contributions, see :func:`~torque_core.diagnostics.relation_gates`.
        theme: Light or dark theme.
        names: Names of the classes; by default their indices.

    Example:
        >>> import torch
        >>> from torque_core.figures import LIGHT
        >>> share = torch.tensor([[[0.75, 0.5]], [[0.25, 0.5]]])
        >>> gates_figure(RelationGates(("kept", "self"), torch.ones(2, 1, 2), share), LIGHT).alt
        'Fraction of the messages by relation and layer, lowest to highest class: kept edges, layer 1: 50 to 75 %; the
        node itself, layer 1: 25 to 50 %.'
    """
    num_layers, num_classes = gates.contribution.shape[1:]
    classes = [visible(name) for name in names or map(str, range(num_classes))]
    rows = [f"{title}, layer {layer + 1}" for title in relation_titles(gates.relations) for layer in range(num_layers)]
    labelled = num_classes <= _MAX_LABELLED
    percentages = 100 * gates.contribution.flatten(end_dim=1)  # (R L, C)
    figure = go.Figure(
        go.Heatmap(
            z=percentages.numpy(),
            x=plotly_texts(classes),
            y=plotly_texts(rows),
            customdata=gates.gate.flatten(end_dim=1).numpy(),
            texttemplate="%{z:.0f} %" if labelled else None,
            textfont={"color": theme.text},
            colorscale=[[0, theme.background], [1, _mixed(theme.background, theme.added)]],
            zmin=0,
            zmax=100,
            xgap=1,
            ygap=1,
            hoverongaps=False,
            showscale=not labelled,
            colorbar={"title": "% of messages"},
            hovertemplate="%{y}, class %{x}: %{z:.1f} % of the messages, mean gate %{customdata:.3f}<extra></extra>",
        )
    )
    figure.update_layout(
        height=90 + _ROW * len(rows),
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "class of the node", "type": "category", "showgrid": False},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "automargin": True},
        uirevision="gates",
    )
    ranges = [
        f"{row}: {min(values):.0f} to {max(values):.0f} %"
        for row, values in zip(rows, ([v for v in row if v == v] for row in percentages.tolist()), strict=True)
        if values
    ]
    alt = f"Fraction of the messages by relation and layer, lowest to highest class: {'; '.join(ranges)}."
    return DescribedFigure(figure, alt, None)


def _mixed(background: str, colour: str) -> str:
    """The middle of two colours, on which the text of the theme is legible."""
    first, second = (bytes.fromhex(part.lstrip("#")) for part in (background, colour))
    return "#" + bytes((a + b) // 2 for a, b in zip(first, second, strict=True)).hex()
