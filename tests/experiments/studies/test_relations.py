from torque_core.datasets import DATASETS
from torque_core.experiments import STUDIES
from torque_core.experiments.studies.relations import LADDER


def rungs():
    """The plans of each data set by label."""
    found = {}
    for plan in STUDIES["relations"]().plans:
        found.setdefault(plan.dataset, {})[plan.label] = plan
    return found


def test_every_ladder_has_all_rungs_that_its_data_allow():
    for dataset, plans in rungs().items():
        missing = set() if DATASETS[dataset].has_directions else {"directed"}
        missing |= set() if dataset in ("minesweeper", "tolokers") else {"deep_gcn"}
        assert list(plans) == [name for name in LADDER if name not in missing], dataset


def test_controls_differ_from_torque_in_the_weights_of_the_edges_only():
    for plans in rungs().values():
        below = plans.get("directed") or plans["deep"]
        for name in ("torque_weights", "ablation_random_weights", "ablation_cosine_weights"):
            plan = plans[name]
            assert (plan.training, plan.training_space, plan.trials) == (
                below.training,
                below.training_space,
                below.trials,
            )
            assert (plan.directed, plan.layers, plan.splits) == (below.directed, below.layers, below.splits)
            # the trials are those of the rung below: nothing is tuned for a relation
            assert next(plan.steps()) == next(below.steps())


def test_rungs_have_the_same_budget_of_tuning():
    def choices(plan):
        count = 1
        for _, values in plan.training_space:
            count *= len(values)
        return count

    for plans in rungs().values():
        assert choices(plans["deep"]) == plans["deep"].trials == 8
        if "directed" in plans:
            assert choices(plans["directed"]) == plans["directed"].trials
            assert plans["directed"].directed
            assert not plans["deep"].directed
