import pytest

from torque_core.errors import BadConfig
from torque_core.experiments import METHODS, STUDIES, Cell, ExperimentFailed, Fixed, Result, Step, Training
from torque_core.graph.noise import Noise
from torque_core.methods.catalog import TRAINING_SPACE
from torque_core.training import TrainSpec

TRAINED = {"learning_rate": 0.05, "weight_decay": 0.0, "dropout": 0.2}  # the judge's choice
REWIRED = {"lever": "feature", "cut": "otsu"}


def judge(experiment):
    """The validation score of a trial: the more of what is liked, the better."""
    options = dict(experiment.options)
    score = sum(getattr(experiment.spec, name) == value for name, value in TRAINED.items())
    return score + sum(options.get(name) == value for name, value in REWIRED.items())


def finish(cell):
    steps, answers = cell.steps(), None
    taken = []
    while True:
        try:
            taken.append(steps.send(answers))
        except StopIteration:
            return taken
        answers = [Result({"validation": judge(experiment)}) for experiment in taken[-1].experiments]


def best(steps):
    return max((experiment for step in steps for experiment in step.experiments), key=judge)


def split_up(cell):
    """Trials of the training, trials of the options, final runs."""
    *trials, final = finish(cell)
    assert final.role == "final"
    assert {step.role for step in trials} <= {"trial"}
    tuned = [step for step in trials if step.experiments[0].options]
    return [step for step in trials if step not in tuned], tuned, final.experiments


def test_nothing_tuned():
    cell = Cell("torque", "torque", "texas", splits=(0, 3), trials=0, rate=0.5, layers=3)
    ((role, experiments),) = ((step.role, step.experiments) for step in finish(cell))
    assert role == "final"
    assert experiments == tuple(
        Training(
            dataset="texas",
            split=split,
            noise=Noise("insert", 0.5, split),
            method="torque",
            spec=TrainSpec(epochs=200, patience=60, hidden=64, seed=split),
            layers=3,
        )
        for split in (0, 3)
    )


def test_the_training_is_tuned_for_the_plain_model():
    plain = split_up(Cell("a", "plain", "texas", rate=0.5, trials=8))
    torque = split_up(Cell("b", "torque", "texas", rate=0.5, trials=8))
    assert plain[0] == torque[0]  # the same experiments, run once
    assert plain[1] == []
    for step in plain[0]:
        assert {experiment.method for experiment in step.experiments} == {"plain"}
        assert {experiment.split for experiment in step.experiments} == {0, 1}
        assert not any(experiment.read_test for experiment in step.experiments)
    assert sum(len(step.experiments) for step in plain[0]) == 16
    chosen = best(plain[0]).spec
    for finals in (plain[2], torque[2]):
        assert [final.split for final in finals] == list(range(10))
        for final in finals:
            assert final.read_test
            assert final.noise == Noise("insert", 0.5, final.split)
            assert final.spec.seed == final.split
            assert all(getattr(final.spec, name) == getattr(chosen, name) for name in TRAINING_SPACE)
            assert (final.spec.epochs, final.spec.patience, final.spec.hidden) == (200, 60, 64)


def test_the_options_are_tuned_with_that_training():
    training, tuned, finals = split_up(Cell("b", "torque", "texas", trials=8))
    assert sum(len(step.experiments) for step in tuned) == 16
    chosen = best(training).spec
    for step in tuned:
        for experiment in step.experiments:
            assert (experiment.method, experiment.read_test) == ("torque", False)
            assert experiment.spec.learning_rate == chosen.learning_rate
    assert dict(tuned[0].experiments[0].options) == {
        "lever": "structural", "force": "dirichlet", "cut": "gap", "additions": 0.25,
    }  # fmt: skip
    assert {final.options for final in finals} == {best(tuned).options}


def test_a_space_of_its_own_is_tried_as_a_whole():
    cell = Cell("d", "torque_auto", "texas", trials=8, space=(("cut", ("otsu", "none")),))
    training, tuned, finals = split_up(cell)
    assert [step.experiments[0].method for step in training] == ["plain"] * len(training)
    assert [dict(experiment.options) for step in tuned for experiment in step.experiments] == [
        {"cut": "otsu"}, {"cut": "otsu"}, {"cut": "none"}, {"cut": "none"},
    ]  # fmt: skip
    assert {final.options for final in finals} == {best(tuned).options}
    assert {final.method for final in finals} == {"torque_auto"}


def test_a_space_of_the_training_and_directions():
    space = (("directions", (("back",), ("forth",))), ("separate", (False, True)))
    spec = TrainSpec(backbone="dir_gcn")
    cell = Cell("d", "torque_weights", "texas", trials=4, training=spec, training_space=space, directed=True)
    training, tuned, finals = split_up(cell)
    assert tuned == []
    trials = [experiment for step in training for experiment in step.experiments]
    assert [(e.method, e.spec.directions, e.spec.separate) for e in trials[::2]] == [
        ("plain", (way,), ego) for way in ("back", "forth") for ego in (False, True)
    ]
    assert {(final.method, final.spec.directions) for final in finals} == {("torque_weights", ("back",))}
    assert all(experiment.directed for experiment in (*trials, *finals))


def test_another_backbone_tunes_its_own_training():
    (training, tuned, finals) = split_up(Cell("c", "gat", "texas", trials=4))
    assert tuned == []
    assert {e.method for step in training for e in step.experiments} == {"gat"}
    assert {final.spec.backbone for final in finals} == {"gat"}


def test_a_rewiring_on_another_backbone_has_the_training_of_that():
    training, tuned, finals = split_up(
        Cell("c", "ablation_fixed", "texas", trials=4, training=TrainSpec(backbone="sage"))
    )
    runs = [e for step in training + tuned for e in step.experiments] + list(finals)
    assert {e.spec.backbone for e in runs} == {"sage"}
    assert {e.method for step in training for e in step.experiments} == {"plain"}


def test_the_control_at_random_has_the_options_of_torque():
    torque, random = (split_up(Cell(method, method, "texas", trials=8)) for method in ("torque", "ablation_random"))
    assert random[:2] == torque[:2]
    assert {final.method for final in random[2]} == {"ablation_random"}
    assert [final.options for final in random[2]] == [final.options for final in torque[2]]


def test_it_may_be_tuned_at_another_level_of_noise():
    training, tuned, finals = split_up(Cell("d", "torque", "texas", rate=1.0, tune_rate=0.2, trials=3))
    trials = [e for step in training + tuned for e in step.experiments]
    assert {e.noise.rate for e in trials} == {0.2}
    assert {e.noise.rate for e in finals} == {1.0}
    clean = split_up(Cell("d", "torque", "texas", rate=1.0, tune_rate=0.0, trials=3))
    assert {e.noise for step in clean[0] for e in step.experiments} == {Noise()}


def test_given_options_are_not_tuned():
    given = (("cut", "gap"), ("force", "unit"))
    _, tuned, finals = split_up(Cell("e", "torque", "texas", options=given, trials=20))
    for experiment in [e for step in tuned for e in step.experiments] + list(finals):
        assert dict(given).items() <= dict(experiment.options).items()
    assert sum(len(step.experiments) for step in tuned) == 2 * 3 * 4  # levers, additions: all of them
    every = split_up(Cell("e", "ablation_cosine", "texas", options=(("cut", "gap"), ("additions", 0.0)), trials=5))
    assert every[1] == []


def test_no_method_is_tuned_on_nodes_of_the_test():
    for method in METHODS:
        *trials, final = finish(Cell(method, method, "karate", trials=2, splits=(0, 1, 2)))
        assert all(not e.read_test for step in trials for e in step.experiments)
        assert all(e.read_test for e in final.experiments)


def test_one_split_is_tuned_on_alone():
    training, _, finals = split_up(Cell("f", "plain", "cora", scheme="public", splits=(0,), trials=2))
    assert [len(step.experiments) for step in training] == [2]
    assert len(finals) == 1


def test_a_cell_does_not_survive_a_failure():
    steps = Cell("g", "torque", "texas").steps()
    next(steps)
    with pytest.raises(ExperimentFailed, match="broke"):
        steps.throw(ExperimentFailed("broke"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"method": "magic"}, "method must be one of"),
        ({"splits": ()}, "splits is empty"),
        ({"splits": (9, 10)}, "split of 'geom-gcn' must be an integer in 0 to 9, got 10"),
        ({"rate": 3.0}, r"rate must be in \[0, 2\], got 3.0"),
        ({"tune_rate": -1.0}, r"rate must be in \[0, 2\], got -1.0"),
        ({"trials": -1}, r"trials must be an integer in \[0, 1000\], got -1"),
        ({"trials": 1.5}, r"trials must be an integer in \[0, 1000\], got 1.5"),
        ({"options": (("cut", "gap"),)}, "the method 'plain' does not rewire"),
        ({"method": "torque", "space": (("cut", ("gap", "saw")),)}, "cut must be one of"),
    ],
)
def test_what_cannot_be_is_said_at_once(fields, message):
    with pytest.raises(BadConfig, match=message):
        Cell(**{"label": "a", "method": "plain", "dataset": "texas", **fields})


def test_a_fixed_plan():
    runs = (Training(dataset="karate"), Training(dataset="texas"))
    plan = Fixed("both", runs)
    assert plan.label == "both"
    assert list(plan.steps()) == [Step("final", runs)]


@pytest.mark.parametrize("name", STUDIES)
def test_studies_can_be_made(name):
    study = STUDIES[name]()
    assert study.name == name
    assert study.plans
    assert STUDIES.describe(name).endswith(".")
    for plan in study.plans:
        step = next(plan.steps())
        assert step.experiments
        assert plan.label
