"""A verdict on one graph: does rewiring by torque help there, and which edges does it blame?

Known noise is inserted at several levels; the plain model, torque, its controls and two peers are trained on the same
noisy graphs; and the tables of :class:`Verdict` compare them.

Example:
    >>> from torque_core import TrainSpec, load
    >>> plan = VerdictSpec(rates=(0.0, 0.5), seeds=2, training=TrainSpec(epochs=20, warmup=5))
    >>> verdict = run_verdict([load("karate").data] * 2, plan)
    >>> verdict.scores()["rate"].unique().tolist(), verdict.complete
    ([0.0, 0.5], True)
"""

from torque_core.experiments.verdict.run import VerdictRun, run_task, run_verdict
from torque_core.experiments.verdict.script import verdict_script
from torque_core.experiments.verdict.spec import VerdictSpec, VerdictTask
from torque_core.experiments.verdict.store import VerdictStore
from torque_core.experiments.verdict.tables import Verdict

__all__ = [
    "Verdict", "VerdictRun", "VerdictSpec", "VerdictStore", "VerdictTask", "run_task", "run_verdict", "verdict_script",
]  # fmt: skip
