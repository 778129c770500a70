"""The numbers of the layer shown: what the rewiring cuts and adds, what that gains, and what it costs."""

from torch import Tensor

from pages.shared.core import queries
from pages.shared.core.view import View
from pages.shared.frame.page import theme
from pages.shared.frame.stage import numbers_strip
from torque_core.figures.stage import counts_data

__all__ = ["draw_key_numbers"]


def draw_key_numbers(view: View) -> None:
    """Draw the numbers; they follow while the cut of the layer is moved."""
    settings = view.settings
    report = queries.layer_detection(*view.key, settings.layer, view.threshold)
    before, after = queries.layer_structure(*view.key, settings.layer, view.threshold)
    cosine = queries.cosine_auroc(settings.dataset, settings.noise)
    counts = counts_data(report, before, after, added=view.layer.added.size(1), cosine=cosine, between=_between(view))
    numbers_strip(counts, theme(), key="numbers", group="layer")


def _between(view: View) -> tuple[int | None, int | None]:
    """Numbers of edges that connect two classes, before and after rewiring; None if no edge has two known classes."""
    y = view.dataset.data.y
    before, after = (_number_between(y[pairs]) for pairs in (view.layer.pairs, view.layer.rewired))
    return before, after


def _number_between(labels: Tensor) -> int | None:
    known = (labels >= 0).all(dim=0)
    return int((known & (labels[0] != labels[1])).sum()) if bool(known.any()) else None
