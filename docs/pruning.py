"""Record how many injected edges torque prunes: ``python -m docs.pruning`` writes ``assets/bench/pruning.json``.

Every entry is the first layer of a rewiring with seed 0. The data sets are read from ``$TORQUE_DATA``, or downloaded.
"""

import json
from pathlib import Path

from torque_core import DatasetSpec, Noise, RewireSpec, __version__, add_noise, load, rewire
from torque_core.diagnostics.edge_scores import EDGE_SCORES, detection_scores
from torque_core.experiments.experiment import REWIRING
from torque_core.io.export_folder import summary
from torque_core.rewiring.spec import AUTO

RECORD = Path(__file__).resolve().parents[1] / "assets" / "bench" / "pruning.json"
GRAPHS = {
    "cora": (0.0, 0.2, 0.5, 1.0),
    "pubmed": (0.0, 0.5, 1.0),
    "chameleon_filtered": (0.0, 0.5),
    "actor": (0.0, 0.5),
    "texas": (0.0, 0.5),
    "squirrel": (0.0,),
    "minesweeper": (0.0, 0.5),
}
AUTOMATIC = {"minesweeper": (0.0, 0.5, 1.0)}  # with the automatic choice of lever and force
FORMER = {"minesweeper": (0.0,)}  # with the default settings of version 0.1
MEASURED = {
    "default": (RewireSpec(), GRAPHS),
    "automatic": (RewireSpec(**{**REWIRING, "lever": AUTO, "force": AUTO}), AUTOMATIC),
    "former": (RewireSpec(**REWIRING), FORMER),
}


def measure(dataset: str, rate: float, settings: str) -> dict[str, object]:
    """Rewire a noisy graph and describe the first layer."""
    noisy = add_noise(load(DatasetSpec(dataset)).data, Noise("insert", rate))
    rewiring = rewire(noisy.data, MEASURED[settings][0])
    report = summary(rewiring, noisy, {})
    cosine = detection_scores(noisy, {"cosine": EDGE_SCORES["cosine"]})["cosine"] if rate else None
    confidence = rewiring.layers[0].edge_confidence
    kept = None if confidence is None else float(confidence[~rewiring.layers[0].pruned_mask].mean())
    return {
        "dataset": dataset,
        "rate": rate,
        "settings": settings,
        "before": report["before"],
        "layer": {name: value for name, value in report["layers"][0].items() if name != "reason"},
        "auroc_cosine": cosine,
        "mean_confidence_of_kept_edges": kept,
    }


def main() -> None:
    """Measure all graphs and write the record."""
    entries = []
    for settings, (_, graphs) in MEASURED.items():
        for dataset, rates in graphs.items():
            for rate in rates:
                entries.append(measure(dataset, rate, settings))
                print(dataset, rate, settings, flush=True)
    RECORD.write_text(json.dumps({"version": __version__, "entries": entries}, indent=1) + "\n")


if __name__ == "__main__":
    main()
