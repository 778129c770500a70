"""Styles and differing settings of runs, without a server."""

from types import SimpleNamespace

import pytest

from pages.shared.state.declarations import MAX_RUNS
from pages.shared.views import run_list, run_styles
from torque_core.figures import LIGHT
from torque_core.training import TrainSpec


def run(run_id, models=("plain", "torque", "ablation_random"), **link):
    record = SimpleNamespace(name=run_id, link=link, spec=TrainSpec())
    return SimpleNamespace(id=run_id, record=record, models=dict.fromkeys(models))


class SessionState(dict):
    """The state of a session, by key or by attribute."""

    __getattr__ = dict.__getitem__


@pytest.fixture(autouse=True)
def _light(monkeypatch):
    monkeypatch.setattr(run_styles, "theme", lambda: LIGHT)


def test_runs_differ_in_colour_and_kinds_in_dash():
    styles = run_styles.run_styles([run("a"), run("b")])
    assert {styles["a", name].colour for name in ("plain", "torque")} != {styles["b", "plain"].colour}
    assert len({style.colour for style in styles.values()}) == 2
    for run_id in ("a", "b"):
        assert [styles[run_id, name].dash for name in ("plain", "torque", "ablation_random")] == [
            "dot",
            "solid",
            "dash",
        ]


def test_models_of_one_kind_differ_in_dash():
    models = ("plain", "mlp", "torque", "torque_relational", "ablation_random", "gdc", "cosine")
    styles = run_styles.run_styles([run("a", models), run("b")])
    assert len({styles["a", name].dash for name in models}) == len(models)
    assert (styles["a", "plain"].dash, styles["a", "torque"].dash) == ("dot", "solid")


def test_the_style_does_not_depend_on_later_runs():
    assert (
        run_styles.run_styles([run("a"), run("b")])["a", "torque"]
        == run_styles.run_styles([run("a"), run("b"), run("c")])["a", "torque"]
    )


def test_only_settings_that_differ_are_listed_with_defaults_filled_in():
    first, second = run("a", rate="20", data="karate", models="plain"), run("b", data="karate", models="torque")
    assert run_styles.differing_settings([first, second]) == {"Noise level": {"a": "20", "b": "50"}}
    assert run_styles.differing_settings([first]) == {}


def test_at_most_five_runs_are_overlaid_at_first(monkeypatch):
    runs = [run(str(number)) for number in range(6)]

    def displayed(**state):
        monkeypatch.setattr(run_list.st, "session_state", SessionState({"pinned": ()} | state))
        return "".join(each.id for each in run_list.displayed_runs(runs))

    assert displayed(shown_runs={"0": True, "5": False}) == "01234"
    assert displayed() == "12345"
    assert displayed(pinned=("0",)) == "012345"
    assert displayed(pinned=("4", "5")) == "012345"  # five others
    assert displayed(pinned=("0",), shown_runs={"0": False}) == "12345"


def test_as_many_runs_as_are_listed_differ_in_colour():
    colours = run_styles.run_colours([run(str(number)) for number in range(MAX_RUNS)])
    assert len(set(colours.values())) == MAX_RUNS
    assert run_styles.run_colours([run("0")]) == {}
