"""Studies of noisy graphs: how does accuracy decrease with the noise level?"""

from torque_core.experiments.plans import Study
from torque_core.experiments.studies.base import (
    ABLATIONS,
    DEEP,
    FIVE_SPLITS,
    STUDIES,
    TORQUE,
    cells_over_rates,
)

__all__ = ["noise", "noise_deep", "noise_heterophilous", "noise_kinds", "noise_more"]

_RATES = (0.0, 0.2, 0.5, 1.0)
_FEW_RATES = (0.0, 0.5, 1.0)

_ROBUST = ("plain", "mlp", *ABLATIONS, "torque_auto")
_SIMILARITY_PEERS = ("jaccard", "cosine")
_RELATIONAL = ("torque_relational", "ablation_random_relational")


@STUDIES.register("noise")
def noise() -> Study:
    """Edges inserted into the largest component of Cora, split 10 / 10 / 80."""
    methods = (
        "plain", "mlp", *TORQUE, "torque_screened", "torque_bounded", "torque_default_relational", "gdc",
        *_SIMILARITY_PEERS,
    )  # fmt: skip
    return Study("noise", tuple(cells_over_rates("cora", methods, _RATES, scheme="component-10-10-80")))


@STUDIES.register("noise_more")
def noise_more() -> Study:
    """Edges inserted into more graphs, on their own splits: filtered Chameleon, Cora, Actor, PubMed (not tuned)."""
    return Study(
        "noise_more",
        (
            *cells_over_rates(
                "chameleon_filtered",
                (*_ROBUST, *_SIMILARITY_PEERS, "torque_relational", "ablation_random_relational"),
                _RATES,
            ),
            *cells_over_rates(
                "cora",
                (*_ROBUST, "torque_screened", "torque_bounded", *_SIMILARITY_PEERS, "torque_default_relational"),
                _RATES,
            ),
            *cells_over_rates("actor", _ROBUST, _RATES),
            *cells_over_rates("pubmed", ("plain", "mlp", *ABLATIONS), _FEW_RATES, trials=0, splits=FIVE_SPLITS),
        ),
    )


@STUDIES.register("noise_deep")
def noise_deep() -> Study:
    """Edges inserted into Minesweeper, on the deep GCN; the random ablation has the budget of `torque_auto`."""
    methods = ("plain", "mlp", "torque_default", "torque_auto", "ablation_cosine", "ablation_fixed", "jaccard")
    auto = (("force", "auto"), ("lever", "auto"))
    return Study(
        "noise_deep",
        (
            *cells_over_rates("minesweeper", methods, _FEW_RATES, **DEEP),
            *cells_over_rates("minesweeper", ("ablation_random",), _FEW_RATES, options=auto, **DEEP),
        ),
    )


@STUDIES.register("noise_heterophilous")
def noise_heterophilous() -> Study:
    """Edges inserted into filtered Squirrel and into Chameleon, on a GCN; five splits, nothing tuned.

    Are injected edges that torque finds worth finding? The plain model without noise is what a rewiring could reach
    that prunes all of them and nothing else.
    """
    methods = ("plain", "mlp", "torque_screened", "torque_auto")
    names = ("squirrel_filtered", "chameleon")
    cells = (cells_over_rates(name, methods, (0.0, 0.5), trials=0, splits=FIVE_SPLITS) for name in names)
    return Study("noise_heterophilous", tuple(cell for of_name in cells for cell in of_name))


@STUDIES.register("noise_kinds")
def noise_kinds() -> Study:
    """Other noise on the largest component of Cora: insertion by degree, DICE, deletion, feature noise."""
    methods = ("plain", "mlp", "torque_auto", *ABLATIONS, "jaccard", "gdc")
    rates = {"insert_by_degree": (0.2, 0.5, 1.0), "dice": (0.2, 0.4, 0.6), "delete": (0.2, 0.5), "features": (0.5, 1.0)}
    return Study(
        "noise_kinds",
        tuple(
            cell
            for kind, levels in rates.items()
            for cell in cells_over_rates("cora", methods, levels, scheme="component-10-10-80", noise_kind=kind)
        ),
    )
