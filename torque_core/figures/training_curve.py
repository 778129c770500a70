"""Training history of one model as lines: scores or losses by epoch, smoothed, with a band over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

from torque_core.figures.styles import Style
from torque_core.training import Epoch

__all__ = ["TrainingCurve", "smoothed", "values_of"]


@dataclass(frozen=True)
class TrainingCurve:
    """Training history of one model.

    Attributes:
        name: Name in the legend.
        style: Style of its lines.
        epochs: Scores and losses of each epoch; means if the model was trained with several seeds.
        refreshes: Epochs before which its graph was rewired.
        key: The ``customdata`` of a rewiring marker, to which the epoch is appended.
        deviations: Standard deviation over seeds of each value in ``epochs``, see
            :func:`~torque_core.figures.epoch_statistics.mean_epochs`; empty for a single seed.
    """

    name: str
    style: Style
    epochs: Sequence[Epoch]
    refreshes: Sequence[int] = ()
    key: tuple[str, ...] = ()
    deviations: Sequence[Epoch] = ()

    def lines(self, quantity: str, smoothing: float = 0.0) -> list[list[float | None]]:
        """Return the smoothed validation, training and test curves.

        Args:
            quantity: ``score``, in %, or ``loss``.
            smoothing: See :func:`smoothed`.

        Example:
            >>> curve = TrainingCurve("GCN", Style("#31333F", "dot", "circle", 2.0), [Epoch(1, 2.0, 0.5, 0.25)])
            >>> curve.lines("score"), curve.lines("loss")
            ([[25.0], [50.0], [None]], [[None], [2.0], [None]])
        """
        columns = zip(*(values_of(event, quantity) for event in self.epochs), strict=True)
        return [smoothed(column, smoothing) for column in columns] or [[], [], []]

    def band(self, quantity: str, smoothing: float = 0.0) -> tuple[list[int], list[float], list[float]]:
        """Return the epochs, the lower and the upper edge of a band of one standard deviation around the mean.

        It surrounds the validation curve, or the training curve where there are no validation nodes, and stays within
        the values that scores and losses can have.

        Args:
            quantity: ``score``, in %, or ``loss``.
            smoothing: See :func:`smoothed`; it applies to both edges.

        Example:
            >>> style = Style("#31333F", "dot", "circle", 2.0)
            >>> means, deviations = [Epoch(1, 2.0, 0.5, 0.75)], [Epoch(1, 0.5, 0.125, 0.5)]
            >>> TrainingCurve("GCN", style, means, deviations=deviations).band("score")
            ([1], [25.0], [100.0])
        """
        if not self.deviations:
            return [], [], []
        highest = 100.0 if quantity == "score" else float("inf")
        low, high = [], []
        for event, deviation in zip(self.epochs, self.deviations, strict=True):
            validation, training, _ = values_of(event, quantity)
            around, training_around, _ = values_of(deviation, quantity)
            mean, spread = (training, training_around) if validation is None else (validation, around)
            assert mean is not None  # the training nodes always have a score and a loss
            assert spread is not None
            low.append(max(mean - spread, 0.0))
            high.append(min(mean + spread, highest))
        edges = [[value for value in smoothed(edge, smoothing) if value is not None] for edge in (low, high)]
        return [event.epoch for event in self.epochs], edges[0], edges[1]


def values_of(event: Epoch, quantity: str) -> tuple[float | None, float | None, float | None]:
    """Return validation, training and test scores in %, or losses."""
    if quantity == "loss":
        return event.validation_loss, event.loss, event.test_loss
    validation, training, test = (
        None if score is None else 100 * score for score in (event.validation, event.train, event.test)
    )
    return validation, training, test


def smoothed(values: Sequence[float | None], weight: float) -> list[float | None]:
    """Return an exponential moving average that starts without bias, as TensorBoard draws it.

    .. math::
        s_t = \\frac{\\sum_{i \\le t} w^{t - i} v_i}{\\sum_{i \\le t} w^{t - i}}

    Args:
        values: One value per epoch; None is skipped and stays None.
        weight: Weight :math:`w` in [0, 1) of the average so far; 0 changes nothing.

    Example:
        >>> smoothed([1.0, None, 4.0], 0.5)
        [1.0, None, 3.0]
    """
    total = norm = 0.0
    result: list[float | None] = []
    for value in values:
        if value is not None:
            total, norm = weight * total + value, weight * norm + 1
        result.append(None if value is None else total / norm)
    return result
