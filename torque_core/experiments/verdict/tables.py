"""The tables of a verdict: scores, edges, blamed edges and changed predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from scipy.special import stdtrit
from torch import Tensor
from torch_geometric.data import Data

from torque_core.experiments.answers import node_variance
from torque_core.experiments.paired_test import LEVEL, Comparison, Paired, compare_all, holm
from torque_core.experiments.report.matrix import verdict_of
from torque_core.experiments.verdict.spec import EDGE_FREE, VerdictSpec, VerdictTask
from torque_core.graph.pairs import positions_among, undirected_pairs
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["EdgeGroup", "Verdict", "VerdictRun"]

EdgeGroup = Literal["found", "missed", "original"]
"""Groups of edges behind a number: injected and pruned, injected and kept, original and pruned."""


@dataclass(frozen=True)
class VerdictRun:
    """The result of one training.

    Attributes:
        test: Test score, in [0, 1]; None without test nodes.
        predictions: Predicted class of every node, :math:`(|\\mathcal{V}|,)`.
        pairs: Edges of the noisy graph, :math:`(2, |\\mathcal{E}|)`.
        pruned: Mask of the edges that the method prunes, :math:`(|\\mathcal{E}|,)`.
        injected: Mask of the edges that the noise inserted, :math:`(|\\mathcal{E}|,)`.
        homophily_before: Edge homophily of the noisy graph; None without labelled edges.
        homophily_after: Edge homophily of the rewired graph.
    """

    test: float | None
    predictions: Tensor
    pairs: Tensor
    pruned: Tensor
    injected: Tensor
    homophily_before: float | None
    homophily_after: float | None

    def edges(self, group: EdgeGroup) -> Tensor:
        """Return a group of edges, :math:`(2, M)`."""
        chosen = {
            "found": self.injected & self.pruned,
            "missed": self.injected & ~self.pruned,
            "original": ~self.injected & self.pruned,
        }[group]
        return self.pairs[:, chosen]


@dataclass(frozen=True)
class Verdict:
    """The results of a verdict, complete or of the trainings so far.

    Attributes:
        spec: Settings.
        splits: The clean graph with a split for each seed.
        runs: Results by task.
    """

    spec: VerdictSpec
    splits: Sequence[Data]
    runs: Mapping[VerdictTask, VerdictRun]

    @property
    def complete(self) -> bool:
        """Whether every training has finished."""
        return all(task in self.runs for task in self.spec.tasks())

    @cached_property
    def ratio(self) -> float:
        """Ratio of test nodes to training and validation nodes.

        See :func:`~torque_core.experiments.paired_test.compare`. It is 0 if all seeds have the same split: then
        intervals cover noise and weights, but no other splits.
        """
        first = self.splits[0]["test_mask"]
        if all(torch.equal(first, data["test_mask"]) for data in self.splits):
            return 0.0
        known = self.splits[0]["train_mask"] | self.splits[0]["val_mask"]
        return float(first.sum()) / max(1, int(known.sum()))

    def run(self, method: str, rate: float, seed: int) -> VerdictRun | None:
        """Return a run; that of the method without edges is the same at every noise level."""
        return self.runs.get(VerdictTask(method, self.spec.rates[0] if method == EDGE_FREE else rate, seed))

    def scores(self) -> "DataFrame":
        """Return the test score of every method at every noise level, and its difference to the plain model.

        Returns:
            ``label`` (the method), ``rate``, ``n`` (seeds), ``mean``, ``std``, ``low`` and ``high`` (95 % interval of
            the mean), ``difference``, ``difference_low`` and ``difference_high``, ``p_holm`` and ``verdict``. Intervals
            and p values of differences have Holm's correction, see
            :func:`~torque_core.experiments.paired_test.compare_all`: the comparisons of torque, which the verdict is
            about, are one family, and those of all other methods another.
        """
        pd = require("pandas", extra="studies")

        cells = [(method, rate) for rate in self.spec.rates for method in self.spec.methods]
        tests = [self._tests(*cell) for cell in cells]
        found: dict[int, tuple[Comparison, float]] = {}
        for family in (("torque",), tuple(set(self.spec.methods) - {"plain", "torque"})):
            places, pairs = [], []
            for place, ((method, rate), scores) in enumerate(zip(cells, tests, strict=True)):
                plain = self._tests("plain", rate)
                common = sorted(set(scores) & set(plain))
                if method in family and common:
                    places.append(place)
                    first, second = ([of[seed] for seed in common] for of in (scores, plain))
                    pairs.append(Paired(first, second, self.ratio, self._node_error(method, rate, common)))
            compared = compare_all(pairs)
            corrected = holm([comparison.p for comparison in compared]).tolist()
            found |= dict(zip(places, zip(compared, corrected, strict=True), strict=True))
        rows = []
        for place, ((method, rate), scores) in enumerate(zip(cells, tests, strict=True)):
            if not scores:
                continue
            values = np.array(list(scores.values()))
            spread = float(values.std(ddof=1)) if len(values) > 1 else np.nan
            half = float(stdtrit(max(len(values) - 1, 1), 1 - LEVEL / 2)) * spread / np.sqrt(len(values))
            row = {
                "label": method, "rate": rate, "n": len(values), "mean": values.mean(), "std": spread,
                "low": max(0.0, values.mean() - half), "high": min(1.0, values.mean() + half),
            }  # fmt: skip
            if place in found:
                test, p = found[place]
                low, high = np.clip([test.low, test.high], -1, 1)  # no difference of scores is larger
                row |= {
                    "difference": test.difference, "difference_low": low, "difference_high": high,
                    "p_holm": p, "verdict": verdict_of(test.difference, p),
                }  # fmt: skip
            rows.append(row)
        names = ["difference", "difference_low", "difference_high", "p_holm", "verdict"]
        return pd.DataFrame(rows, columns=["label", "rate", "n", "mean", "std", "low", "high", *names])

    def _tests(self, method: str, rate: float) -> dict[int, float]:
        """Test scores by seed."""
        runs = ((seed, self.run(method, rate, seed)) for seed in range(self.spec.seeds))
        # float32 accuracies that are equal may differ by rounding
        return {seed: round(run.test, 6) for seed, run in runs if run is not None and run.test is not None}

    def _node_error(self, method: str, rate: float, seeds: Sequence[int]) -> float | None:
        """Standard error of the difference to the plain model that is due to the nodes; None if it is unknown."""
        if self.spec.training.metric != "accuracy":
            return None
        answers = [np.stack([self._answers(name, rate, seed) for seed in seeds]) for name in (method, "plain")]
        variance = node_variance(*answers)
        tested = int((~np.isnan(answers[0])).any(axis=0).sum())
        return None if np.isnan(variance) else float(np.sqrt(variance / tested))

    def _answers(self, method: str, rate: float, seed: int) -> np.ndarray:
        """1 for each test node that is classified correctly, 0 for the others, NaN for nodes that are not tested."""
        run, data = self.run(method, rate, seed), self.splits[seed]
        assert run is not None
        correct = (run.predictions == data["y"]).numpy().astype(float)
        return np.where(data["test_mask"].numpy(), correct, np.nan)

    def edges(self) -> "DataFrame":
        """Return what every rewiring method cuts at every noise level, as means over the seeds.

        Returns:
            ``label``, ``rate``, ``pruned`` (fraction of the edges), ``injected`` (number), ``found`` (fraction of the
            injected edges that are pruned), ``precision`` (fraction of the pruned edges that are injected),
            ``homophily_before`` and ``homophily_after``. What is undefined is NaN.
        """
        pd = require("pandas", extra="studies")

        rows = []
        for rate in self.spec.rates:
            for method in self.spec.methods:
                runs = [run for seed in range(self.spec.seeds) if (run := self.run(method, rate, seed)) is not None]
                if not runs or method in ("plain", EDGE_FREE):
                    continue
                pruned, injected = (
                    sum(int(getattr(run, name).sum()) for run in runs) for name in ("pruned", "injected")
                )
                found = sum(int((run.pruned & run.injected).sum()) for run in runs)
                before, after = (
                    _mean([getattr(run, name) for run in runs]) for name in ("homophily_before", "homophily_after")
                )
                rows.append(
                    {
                        "label": method, "rate": rate, "pruned": pruned / sum(run.pairs.size(1) for run in runs),
                        "injected": injected / len(runs), "found": found / injected if injected else np.nan,
                        "precision": found / pruned if pruned and injected else np.nan,
                        "homophily_before": before, "homophily_after": after,
                    }
                )  # fmt: skip
        names = ["label", "rate", "pruned", "injected", "found", "precision", "homophily_before", "homophily_after"]
        return pd.DataFrame(rows, columns=names)

    def blamed(self) -> "DataFrame":
        """Return the original edges that torque and all peers prune, those that they agree on most first.

        Returns:
            ``source`` and ``target`` (nodes), the fraction of the runs, over all noise levels and seeds, in which each
            method prunes the edge, ``all`` (the smallest of them, above 0), and for the predictions of both ends as
            test nodes ``plain_right`` and ``torque_right``: the fraction that is right; NaN if never tested.
        """
        pd = require("pandas", extra="studies")

        size = len(self.splits[0]["y"])
        pairs = undirected_pairs(self.splits[0]["edge_index"], size)
        columns = {method: self._blame(method, pairs) for method in self.spec.rewiring_methods}
        table = pd.DataFrame({"source": pairs[0].numpy(), "target": pairs[1].numpy(), **columns})
        table["all"] = table[list(columns)].min(axis=1)
        nodes = self.predictions()
        tests = nodes["tests"].to_numpy()[pairs.numpy()].sum(axis=0)
        for method in ("plain", "torque"):
            right = nodes[f"{method}_right"].to_numpy()[pairs.numpy()].sum(axis=0)
            table[f"{method}_right"] = np.divide(right, tests, out=np.full(len(tests), np.nan), where=tests > 0)
        order = table.assign(mean=table[list(columns)].mean(axis=1)).sort_values(["all", "mean"], ascending=False)
        return table.loc[order.index[order["all"] > 0]].reset_index(drop=True)

    def _blame(self, method: str, pairs: Tensor) -> np.ndarray:
        """Fraction of the runs in which a method prunes each original edge."""
        runs = [run for task, run in self.runs.items() if task.method == method]
        size, total = len(self.splits[0]["y"]), torch.zeros(pairs.size(1))
        for run in runs:
            position = positions_among(pairs, run.pairs, size)  # -1: deleted by the noise
            total += torch.where(position >= 0, run.pruned[position], False)
        return (total / max(1, len(runs))).numpy()

    def predictions(self) -> "DataFrame":
        """Return, for every node, how often the plain model and torque classify it right as a test node.

        Returns:
            One row per node: ``tests`` (runs of both in which it is a test node, over all noise levels and seeds),
            ``plain_right``, ``torque_right`` (numbers of runs) and ``change`` (their difference).
        """
        pd = require("pandas", extra="studies")

        y = self.splits[0]["y"]
        counts = {name: torch.zeros(len(y), dtype=torch.long) for name in ("tests", "plain_right", "torque_right")}
        for rate in self.spec.rates:
            for seed, data in enumerate(self.splits):
                plain, torque = (self.run(method, rate, seed) for method in ("plain", "torque"))
                if plain is None or torque is None:
                    continue
                test = data["test_mask"] & (y >= 0)
                counts["tests"] += test
                counts["plain_right"] += test & (plain.predictions == y)
                counts["torque_right"] += test & (torque.predictions == y)
        table = pd.DataFrame({name: count.numpy() for name, count in counts.items()})
        return table.assign(change=table["torque_right"] - table["plain_right"])

    def sentence(self) -> str:
        """Return the result of torque in one sentence.

        It names the noise levels at which torque is significantly better and worse than the plain model.
        """
        rows = self.scores()
        rows = rows[rows["label"] == "torque"].dropna(subset=["difference"])
        if rows.empty:
            return "No training of torque has finished yet."
        parts = []
        for verdict in ("better", "undecided", "worse"):
            here = rows[rows["verdict"] == verdict]
            if len(here):
                levels = ", ".join(
                    f"{100 * row['rate']:g} % ({100 * row['difference']:+.1f} points)"
                    for row in here.to_dict("records")
                )
                parts.append(f"{verdict} at a noise level of {levels}")
        return f"Compared with the plain model, torque is {'; '.join(parts)}."


def _mean(values: Sequence[float | None]) -> float:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else float("nan")
