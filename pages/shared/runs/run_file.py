"""What is kept of a finished training: its settings, curves and outcome, as JSON on the server's disk."""

import contextlib
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pages.shared.state.declarations import GRAPH_KEYS, TRAINING_KEYS
from pages.shared.state.link import read_link
from pages.shared.state.link_aliases import update_link, update_train_spec
from torque_core import TorqueError, TrainSpec
from torque_core.datasets.files import data_root
from torque_core.diagnostics import Calibration
from torque_core.experiments import METHODS
from torque_core.training.loop import Epoch
from torque_core.utils.files import write_atomically

__all__ = ["MAX_BYTES", "MAX_FILES", "Model", "Outcome", "Record", "load", "save"]

MAX_FILES = 1_000
"""So many trainings are kept; beyond, the oldest go."""
MAX_BYTES = 4_000_000
"""No file of ours is so long."""

_FORMAT = 1
_MOST_CLASSES = 200


@dataclass(frozen=True)
class Outcome:
    """How a model ended, with the weights of its best epoch.

    Attributes:
        best_epoch: By validation score.
        validation: Its score there; None without validation nodes.
        test: Of the test nodes, read once; None if there are none.
        changes: Edges pruned and links added in each layer; empty if nothing rewires in training.
        confusion: Of the test nodes, :math:`(C, C)`; None if there are none.
        calibration: Of the test nodes; None if there are none.
    """

    best_epoch: int
    validation: float | None
    test: float | None
    changes: tuple[tuple[int, int], ...]
    confusion: Tensor | None
    calibration: Calibration | None


@dataclass
class Model:
    """One model of a training: its epochs, those before which its graph was rewired, and its end."""

    epochs: list[Epoch] = field(default_factory=list)
    refreshes: list[int] = field(default_factory=list)
    outcome: Outcome | None = None


@dataclass
class Record:
    """A training.

    Attributes:
        id: In links.
        name: What a person calls it.
        title: Of the data set.
        link: The settings of its graph and of the training, as a link has them.
        spec: How it was trained.
        models: By the name of the method.
        seconds: It took.
    """

    id: str
    name: str
    title: str
    link: dict[str, str]
    spec: TrainSpec
    models: dict[str, Model]
    seconds: float = 0.0


def save(record: Record) -> None:
    """Write it, whole or not at all; where nothing can be written it is not kept."""
    text = json.dumps(_as_json(record), allow_nan=False)
    with contextlib.suppress(OSError):  # a full disk, a folder of somebody else
        _folder().mkdir(parents=True, exist_ok=True)
        write_atomically(_path(record.id), text.encode())
        files = sorted(_folder().glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in files[: max(0, len(files) - MAX_FILES)]:
            path.unlink(missing_ok=True)


def load(run_id: str) -> Record | None:
    """The training of that id; None if there is no file of it, or none that is sound."""
    path = _path(run_id)
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        record = _from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, TorqueError):
        return None
    return record if record.id == run_id else None


def _folder() -> Path:
    return data_root() / "trainings"


def _path(run_id: str) -> Path:
    return _folder() / f"{run_id}.json"


def _as_json(record: Record) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "id": record.id,
        "name": record.name,
        "title": record.title,
        "link": record.link,
        "spec": asdict(record.spec),
        "seconds": record.seconds,
        "models": {
            name: {
                "epochs": [list(astuple(epoch)[1:]) for epoch in model.epochs],
                "refreshes": model.refreshes,
                "outcome": None if model.outcome is None else _outcome_as_json(model.outcome),
            }
            for name, model in record.models.items()
        },
    }


def _outcome_as_json(outcome: Outcome) -> dict[str, Any]:
    found = outcome.calibration
    return {
        "best_epoch": outcome.best_epoch,
        "validation": outcome.validation,
        "test": outcome.test,
        "changes": outcome.changes,
        "confusion": None if outcome.confusion is None else outcome.confusion.tolist(),
        "calibration": None
        if found is None
        else {
            "error": found.error,
            "brier": found.brier,
            "nll": found.nll if math.isfinite(found.nll) else None,
            # of bins without predictions JSON knows no number
            "confidence": found.confidence.nan_to_num(nan=-1.0).tolist(),
            "accuracy": found.accuracy.nan_to_num(nan=-1.0).tolist(),
            "count": found.count.tolist(),
        },
    }


def _from_json(said: dict[str, Any]) -> Record:
    """Read what :func:`_as_json` wrote; of anything else it may raise a dozen kinds of errors."""
    _must(said["format"] == _FORMAT and set(said["models"]) <= set(METHODS) and said["models"])
    link = update_link({key: _text(value) for key, value in said["link"].items()})
    _must(set(link) <= {*GRAPH_KEYS, *TRAINING_KEYS} and not read_link(link)[1])
    return Record(
        id=_text(said["id"]),
        name=_text(said["name"]),
        title=_text(said["title"]),
        link=link,
        spec=TrainSpec(**update_train_spec(said["spec"])),
        models={name: _model(model) for name, model in said["models"].items()},
        seconds=_number(said["seconds"]),
    )


def _model(said: dict[str, Any]) -> Model:
    epochs = [
        Epoch(at, _number(loss), _share(train) or 0.0, _share(validation), _share(test), *map(_number_or_none, more))
        for at, (loss, train, validation, test, *more) in enumerate(said["epochs"], start=1)
    ]
    refreshes = [_count(epoch) for epoch in said["refreshes"]]
    outcome = said["outcome"]
    return Model(epochs, refreshes, None if outcome is None else _outcome(outcome))


def _outcome(said: dict[str, Any]) -> Outcome:
    counts, found = said["confusion"], said["calibration"]
    confusion = None if counts is None else torch.tensor([[_count(value) for value in row] for row in counts])
    _must(confusion is None or (confusion.dim() == 2 and len(set(confusion.shape)) == 1))
    _must(confusion is None or len(confusion) <= _MOST_CLASSES)
    return Outcome(
        best_epoch=_count(said["best_epoch"]),
        validation=_share(said["validation"]),
        test=_share(said["test"]),
        changes=tuple((_count(pruned), _count(added)) for pruned, added in said["changes"]),
        confusion=confusion,
        calibration=None if found is None else _calibration(found),
    )


def _calibration(said: dict[str, Any]) -> Calibration:
    confidence, accuracy = (_bins(said[name]) for name in ("confidence", "accuracy"))
    count = torch.tensor([_count(value) for value in said["count"]])
    _must(len(confidence) == len(accuracy) == len(count) > 0)
    nll = said["nll"]
    return Calibration(
        _number(said["error"]), confidence, accuracy, count, _number(said["brier"]),
        math.inf if nll is None else _number(nll),
    )  # fmt: skip


def _bins(said: Iterable[object]) -> Tensor:
    values = torch.tensor([_number(value) for value in said], dtype=torch.float64)
    return values.where(values >= 0, torch.nan)


def _must(holds: object) -> None:
    if not holds:
        raise ValueError("the file does not fit together")


def _text(said: object) -> str:
    _must(isinstance(said, str) and len(said) <= 1_000)
    return str(said)


def _number(said: object) -> float:
    _must(isinstance(said, int | float) and not isinstance(said, bool) and math.isfinite(said))
    return float(said)  # type: ignore[arg-type]


def _number_or_none(said: object) -> float | None:
    return None if said is None else _number(said)


def _share(said: object) -> float | None:
    if said is None:
        return None
    _must(0 <= _number(said) <= 1)
    return _number(said)


def _count(said: object) -> int:
    _must(type(said) is int and 0 <= said < 2**31)
    return int(said)  # type: ignore[call-overload]
