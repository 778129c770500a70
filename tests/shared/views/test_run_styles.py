"""Styles and differing settings of runs, without a server."""

from types import SimpleNamespace

import pytest

from pages.shared.views import run_list, run_styles
from torque_core.figures import LIGHT
from torque_core.training import TrainSpec


def run(run_id, models=("plain", "torque", "ablation_random"), **link):
    record = SimpleNamespace(name=run_id, link=link, spec=TrainSpec())
    return SimpleNamespace(id=run_id, record=record, models=dict.fromkeys(models))


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
    monkeypatch.setattr(run_list.st, "session_state", {"show_0": True, "show_5": False})
    assert [each.id for each in run_list.displayed_runs(runs)] == ["0", "1", "2", "3", "4"]
    monkeypatch.setattr(run_list.st, "session_state", {})
    assert [each.id for each in run_list.displayed_runs(runs)] == ["1", "2", "3", "4", "5"]
