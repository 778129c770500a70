"""The script and the style sheet of the stage, the figure of every graph in the app, and its control of the cut.

The stage draws the data of :func:`~torque_core.figures.network.network_data` on a canvas of its own. While the user
moves the cut, it recolours the edges and counts what the cut does; the program hears of it when the user stops.
``_static/stage.js`` describes what else a host passes to it, and what it reports.
"""

import math
from functools import cache
from pathlib import Path

from torque_core.diagnostics import DetectionReport, Structure
from torque_core.figures.histogram import TorqueHistogram
from torque_core.figures.network_page import network_style, themes_script
from torque_core.figures.palette import INJECTED, PRUNED, Theme

__all__ = ["counts_data", "cut_data", "live_cut", "stage_script", "stage_style"]

_STATIC = Path(__file__).with_name("_static")
_SCRIPTS = (
    "network",
    "network_camera",
    "network_pointer",
    "network_image",
    "stage_group",
    "stage_counts",
    "stage_painter",
    "stage_marks",
    "stage",
    "stage_cut",
    "stage_histogram",
    "stage_plane",
    "stage_numbers",
    "stage_steps",
    "film_graph",
    "film_timeline",
    "film_words",
    "film_painter",
    "film",
    "game",
    "theme",
)


@cache
def stage_script(host: str) -> str:
    """Return an ES module that draws stages.

    Args:
        host: Script in _static that connects the stage to the program that shows it: ``stage_component`` for the app.
    """
    scripts = ((_STATIC / f"{name}.js").read_text(encoding="utf-8") for name in (*_SCRIPTS, host))
    return "\n".join([themes_script(), *scripts])


@cache
def stage_style() -> str:
    """Return the style sheet for :func:`stage_script`."""
    return network_style() + "".join(
        (_STATIC / f"{name}.css").read_text(encoding="utf-8") for name in ("stage", "film", "game")
    )


def live_cut(threshold: float, rule: float, *, additions: float, serial: int = 0) -> dict[str, object]:
    """Encode a cut that the user can move.

    Args:
        threshold: The present threshold; infinity to prune nothing.
        rule: The threshold of the cut rule, to which the user can return.
        additions: Largest number of added edges as a fraction of the pruned edges, which holds for a cut by hand, see
            :meth:`~torque_core.rewiring.record.LayerRewiring.recut`.
        serial: Serial number of the last cut that the stage reported; an older state does not undo a newer gesture.

    Example:
        >>> live_cut(0.5, math.inf, additions=0.25)
        {'cut': 0.5, 'rule': None, 'additions': 0.25, 'serial': 0}
    """
    cut, of_rule = (value if math.isfinite(value) else None for value in (threshold, rule))
    return {"cut": cut, "rule": of_rule, "additions": additions, "serial": serial}


def counts_data(
    report: DetectionReport,
    before: Structure,
    after: Structure,
    *,
    added: int,
    cosine: float | None = None,
    between: tuple[int | None, int | None] = (None, None),
) -> dict[str, object]:
    """Encode what a rewiring does, in numbers; a stage counts the same while the cut moves.

    Args:
        report: Comparison of the pruned edges with the injected ones.
        before: Structure of the graph before rewiring.
        after: Structure of the rewired graph.
        added: Number of added edges.
        cosine: AUROC of the cosine distance as a detector of injected edges.
        between: Numbers of edges that connect two classes, before and after rewiring; shown if no edge was injected.

    Example:
        >>> import torch
        >>> from torque_core.diagnostics import detection, structure
        >>> pairs, y = torch.tensor([[0, 0, 1], [1, 2, 2]]), torch.tensor([0, 0, 1])
        >>> pruned = torch.tensor([False, True, True])
        >>> report = detection(torch.tensor([0.1, 0.8, 0.9]), pruned, torch.tensor([False, False, True]))
        >>> counts = counts_data(report, structure(pairs, 3, y), structure(pairs[:, ~pruned], 3, y), added=0)
        >>> counts["before"]["isolated"], counts["now"]["isolated"], counts["now"]["hits"]
        (0, 1, 1)
    """

    def graph(structure: Structure, between: int | None) -> dict[str, object]:
        return {
            "homophily": structure.edge_homophily,
            "between": between,
            "isolated": structure.isolated,
            "components": structure.components,
        }

    now = {
        "edges": after.edges - added + report.pruned,
        "pruned": report.pruned,
        "hits": report.hits,
        "injected": report.injected,
        "added": added,
        **graph(after, between[1]),
    }
    return {"now": now, "before": graph(before, between[0]), "auroc": report.auroc, "cosine": cosine}


def cut_data(
    histogram: TorqueHistogram, theme: Theme, *, chart: str | None = "histogram", plane: dict[str, object] | None = None
) -> dict[str, object]:
    """Encode the control of the cut.

    Args:
        histogram: Torques of the edges by bin.
        theme: Light or dark theme.
        chart: What to draw above the slider and the number field: ``histogram``, ``plane``, or None.
        plane: The torque plane, see :func:`~torque_core.figures.stage_plane.plane_data`.
    """
    counts = {
        "top": histogram.top,
        "original": histogram.original.tolist(),
        "injected": histogram.injected.tolist(),
        "selected": None if histogram.selected is None else histogram.selected.tolist(),
    }
    return {
        "chart": chart,
        "histogram": counts if chart == "histogram" else None,
        "plane": plane,
        "top": histogram.top * 1.001,
        "colors": {
            "kept": theme.kept,
            "injected": INJECTED,
            "pruned": PRUNED,
            "background": theme.background,
            "text": theme.text,
            "outline": theme.outline,
            "ring": theme.added,
        },
    }
