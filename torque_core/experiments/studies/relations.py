"""Study of relations: what do direction, depth and torque each add on heterophilous graphs?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torque_core.datasets import DATASETS
from torque_core.experiments.plans import Cell, Study
from torque_core.experiments.studies.base import FIVE_SPLITS, STUDIES, cell
from torque_core.training import PRESETS

__all__ = ["LADDER", "relations"]

LADDER = {
    "mlp": "MLP",
    "plain": "GCN, undirected",
    "deep_gcn": "GCN of twelve layers, undirected",
    "deep": "deep model, undirected",
    "directed": "deep model, directed",
    "torque_weights": "the same with torque as a relation",
    "ablation_random_weights": "control: random numbers as a relation",
    "ablation_cosine_weights": "control: cosine distance as a relation",
}
"""Labels of the rungs with their descriptions: each adds one thing to the one before.

``directed`` needs a data set with directions; ``deep_gcn`` is for those that depth decides.
"""

_TRIALS = 8
_DEEP = replace(PRESETS["dir_gnn"].training, directions=("forth",), epochs=400, patience=60)
_SPACE = (("separate", (False, True)), ("dropout", (0.0, 0.5)))
# as many choices with directions as without
_UNDIRECTED = (*_SPACE, ("learning_rate", (0.005, 0.01)))
_DIRECTED = (*_SPACE, ("directions", (("back",), ("forth",))))

_DEPTH_DECIDES = ("minesweeper", "tolokers")
_SMALL = ("texas", "cornell", "wisconsin")
_WIKIPEDIA = ("chameleon_filtered", "chameleon", "squirrel_filtered", "squirrel")
_OTHERS = ("actor", "minesweeper", "tolokers", "reed98", "cora", "pubmed", "amazon_photo")


@STUDIES.register("relations")
def relations() -> Study:
    """A ladder per data set: undirected, deep, directed, torque as a relation; controls with random and cosine weights.

    **Claim.** A network that receives the edges of a graph twice, once alike and once weighted by their torque, learns
    more than one that receives them once.

    **What would refute it**, stated before the first run: torque as a relation is not significantly above *random
    numbers* as a relation of the same model on at least five data sets; or it is significantly below the same model
    without it on any. If cosine distances do as well, what helps is feature similarity and not torque. Whatever depth
    and direction add is not torque's merit: they are rungs of their own.

    The rungs ``deep`` and ``directed`` tune self-weights and dropout, and the learning rate or the direction of the
    messages: eight choices each, on the validation nodes of two splits. The relations use the training that was tuned
    for the model without them, and nothing is tuned for them, so that torque and its controls differ in the weights of
    the edges only. Data sets without directions have no rung ``directed``. Minesweeper and Tolokers, which depth
    decides, also have the deep GCN of Luo et al. (arXiv 2406.08993), with its settings for Minesweeper and nothing
    tuned.
    """
    small = (plan for name in _SMALL for plan in _ladder(name, layers=2))
    wikipedia = (plan for name in _WIKIPEDIA for plan in _ladder(name, layers=5, splits=FIVE_SPLITS))
    others = (plan for name in _OTHERS for plan in _ladder(name, layers=5, splits=FIVE_SPLITS))
    return Study("relations", (*small, *wikipedia, *others))


def _ladder(dataset: str, **options: Any) -> Iterator[Cell]:
    """Yield the rungs of a data set."""
    splits = {"splits": options["splits"]} if "splits" in options else {}
    for method in ("mlp", "plain"):
        yield cell(method, dataset, trials=_TRIALS, **splits)
    if dataset in _DEPTH_DECIDES:
        preset = PRESETS["deeper"]
        very_deep = cell("plain", dataset, trials=0, training=preset.training, layers=preset.layers, **splits)
        yield replace(very_deep, label="deep_gcn")
    deep = {"trials": _TRIALS, "training": _DEEP, "training_space": _UNDIRECTED, **options}
    yield replace(cell("plain", dataset, **deep), label="deep")
    if DATASETS[dataset].has_directions:
        deep |= {"training_space": _DIRECTED, "directed": True}
        yield replace(cell("plain", dataset, **deep), label="directed")
    for method in ("torque_weights", "ablation_random_weights", "ablation_cosine_weights"):
        yield cell(method, dataset, **deep)
