"""Records of trainings as JSON; whatever is read is checked, as files may be damaged or written by hand."""

import math
from collections.abc import Iterable
from dataclasses import asdict, astuple
from typing import Any

import torch
from torch import Tensor

from pages.shared.runs.record import Model, Outcome, Record
from pages.shared.state.declarations import GRAPH_KEYS, TRAINING_KEYS
from pages.shared.state.link import read_link
from pages.shared.state.link_aliases import train_options, update_link, update_method
from torque_core import TrainSpec
from torque_core.diagnostics import Calibration, RelationGates
from torque_core.methods.catalog import METHODS
from torque_core.training import Epoch

__all__ = ["record_from_json", "record_to_json"]

_FORMAT = 1
_MAX_CLASSES = 200
_MAX_SEEDS = 100


def record_to_json(record: Record) -> dict[str, Any]:
    """Convert a record to JSON values."""
    return {
        "format": _FORMAT,
        "id": record.id,
        "name": record.name,
        "title": record.title,
        "link": record.link,
        "spec": asdict(record.spec),
        "seconds": record.seconds,
        "owner": record.owner,
        "models": _models_to_json(record.models),
        "repeats": [_models_to_json(models) for models in record.repeats],
    }


def record_from_json(content: dict[str, Any]) -> Record:
    """Convert the JSON values of :func:`record_to_json` to a record.

    Raises:
        Exception: If the values are not those of a record; the error is of one of many types.
    """
    models, *repeats = (_models(one) for one in [content["models"], *content.get("repeats", [])])
    _check(content["format"] == _FORMAT and set(models) <= set(METHODS) and models)
    _check(len(repeats) < _MAX_SEEDS and all(set(one) == set(models) for one in repeats))
    link = update_link({key: _text(value) for key, value in content["link"].items()})
    _check(set(link) <= {*GRAPH_KEYS, *TRAINING_KEYS} and not read_link(link)[1])
    return Record(
        id=_text(content["id"]),
        name=_text(content["name"]),
        title=_text(content["title"]),
        link=link,
        spec=TrainSpec(**train_options(content["spec"])),
        models=models,
        seconds=_number(content["seconds"]),
        owner=_text(content.get("owner", "")),
        repeats=repeats,
    )


def _models_to_json(models: dict[str, Model]) -> dict[str, Any]:
    return {
        name: {
            "epochs": [list(astuple(epoch)[1:]) for epoch in model.epochs],
            "refreshes": model.refreshes,
            "outcome": None if model.outcome is None else _outcome_to_json(model.outcome),
        }
        for name, model in models.items()
    }


def _models(content: dict[str, Any]) -> dict[str, Model]:
    return {update_method(name): _model(model) for name, model in content.items()}


def _outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    calibration = outcome.calibration
    return {
        "best_epoch": outcome.best_epoch,
        "validation": outcome.validation,
        "test": outcome.test,
        "changes": outcome.changes,
        "confusion": None if outcome.confusion is None else outcome.confusion.tolist(),
        "calibration": None
        if calibration is None
        else {
            "error": calibration.error,
            "brier": calibration.brier,
            "nll": calibration.nll if math.isfinite(calibration.nll) else None,
            # -1 stands for the nan of bins without predictions, which JSON cannot express
            "confidence": calibration.confidence.nan_to_num(nan=-1.0).tolist(),
            "accuracy": calibration.accuracy.nan_to_num(nan=-1.0).tolist(),
            "count": calibration.count.tolist(),
        },
        "gates": None if outcome.gates is None else _gates_to_json(outcome.gates),
    }


def _gates_to_json(gates: RelationGates) -> dict[str, Any]:
    """As for the calibration, nan has no form in JSON: here it is null."""
    return {
        "relations": gates.relations,
        **{
            name: [[[value if math.isfinite(value) else None for value in row] for row in rows] for rows in part]
            for name, part in (("gate", gates.gate.tolist()), ("contribution", gates.contribution.tolist()))
        },
    }


def _model(content: dict[str, Any]) -> Model:
    epochs = [
        Epoch(
            number, _number(loss), _fraction(train) or 0.0, _fraction(validation), _fraction(test),
            *(None if value is None else _number(value) for value in losses),
        )
        for number, (loss, train, validation, test, *losses) in enumerate(content["epochs"], start=1)
    ]  # fmt: skip
    refreshes = [_count(epoch) for epoch in content["refreshes"]]
    outcome = content["outcome"]
    return Model(epochs, refreshes, None if outcome is None else _outcome(outcome))


def _outcome(content: dict[str, Any]) -> Outcome:
    counts, calibration = content["confusion"], content["calibration"]
    confusion = None if counts is None else torch.tensor([[_count(value) for value in row] for row in counts])
    _check(confusion is None or (confusion.dim() == 2 and len(set(confusion.shape)) == 1))
    _check(confusion is None or len(confusion) <= _MAX_CLASSES)
    return Outcome(
        best_epoch=_count(content["best_epoch"]),
        validation=_fraction(content["validation"]),
        test=_fraction(content["test"]),
        changes=tuple((_count(pruned), _count(added)) for pruned, added in content["changes"]),
        confusion=confusion,
        calibration=None if calibration is None else _calibration(calibration),
        gates=None if content.get("gates") is None else _gates(content["gates"]),
    )


def _gates(content: dict[str, Any]) -> RelationGates:
    relations = tuple(_text(name) for name in content["relations"])
    gate, contribution = (
        torch.tensor([[[_or_nan(value) for value in row] for row in rows] for rows in content[name]])
        for name in ("gate", "contribution")
    )
    _check(gate.dim() == 3 and gate.shape == contribution.shape and gate.shape[0] == len(relations) > 1)
    _check(
        gate.shape[2] <= _MAX_CLASSES and ((contribution >= 0) & (contribution <= 1.001) | contribution.isnan()).all()
    )
    return RelationGates(relations, gate, contribution)


def _or_nan(value: object) -> float:
    return math.nan if value is None else _number(value)


def _calibration(content: dict[str, Any]) -> Calibration:
    confidence, accuracy = (_bins(content[name]) for name in ("confidence", "accuracy"))
    count = torch.tensor([_count(value) for value in content["count"]])
    _check(len(confidence) == len(accuracy) == len(count) > 0)
    nll = content["nll"]
    return Calibration(
        _number(content["error"]),
        confidence,
        accuracy,
        count,
        _number(content["brier"]),
        math.inf if nll is None else _number(nll),
    )


def _bins(content: Iterable[object]) -> Tensor:
    values = torch.tensor([_number(value) for value in content], dtype=torch.float64)
    return values.where(values >= 0, torch.nan)


def _check(condition: object) -> None:
    if not condition:
        raise ValueError("the file is not the record of a training")


def _text(value: object) -> str:
    _check(isinstance(value, str) and len(value) <= 1_000)
    return str(value)


def _number(value: object) -> float:
    _check(isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))
    return float(value)  # type: ignore[arg-type]


def _fraction(value: object) -> float | None:
    if value is None:
        return None
    _check(0 <= _number(value) <= 1)
    return _number(value)


def _count(value: object) -> int:
    _check(type(value) is int and 0 <= value < 2**31)
    return int(value)  # type: ignore[call-overload]
