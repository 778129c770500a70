"""Links and files with former names still open the same view."""

import pytest

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link
from pages.shared.state.link_aliases import KEYS, train_options, update_link
from pages.shared.state.session_file import read_session, write_session
from torque_core.experiments import STUDIES
from torque_core.experiments.results.migrate import METHODS
from torque_core.experiments.results.migrate import STUDIES as FORMER_STUDIES
from torque_core.methods.catalog import METHODS as CATALOG

RUN = "0123456789abcdef"


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ({"moment": f"{RUN}-torque-61"}, {"snapshot": f"{RUN}-torque-61"}),
        ({"moment": f"{RUN}-random_apart-61"}, {"snapshot": f"{RUN}-ablation_random_relational-61"}),
        ({"apart": "yes"}, {"separate": "yes"}),
        ({"trust": "no"}, {"weighted": "no"}),
        ({"models": "plain~torque_apart~random"}, {"models": "plain~torque_relational~ablation_random"}),
        ({"left": "random"}, {"left": "ablation_random"}),
        ({"study": "clean_apart"}, {"study": "clean_relational"}),
        ({"methods": "plain~torque_gap"}, {"methods": "plain~torque_default"}),
        ({"lines": "random~mlp"}, {"lines": "ablation_random~mlp"}),
    ],
)
def test_a_former_link_is_read_as_the_present_one(former, present):
    assert update_link(former) == present
    assert read_link(former) == read_link(present)
    assert read_link(former)[1] == []
    assert read_session(write_session("train", former).encode(), ["train"]).values == read_link(present)[0]


@pytest.mark.parametrize(
    "link",
    [{"measure": "detection", "lines": "random~torque"}, {"disturbance": "insert detection", "methods": "random"}],
)
def test_scores_of_edges_keep_their_names(link):
    assert update_link(link) == link


def test_an_invalid_snapshot_is_reported_as_it_is():
    assert "«x»" in read_link({"moment": "x"})[1][0]


def test_a_present_key_takes_precedence():
    assert update_link({"apart": "yes", "separate": "no"}) == {"separate": "no"}


def test_former_names_are_gone_and_present_ones_exist():
    assert not KEYS.keys() & SETTINGS.keys()
    assert set(KEYS.values()) <= SETTINGS.keys()
    assert not METHODS.keys() & CATALOG.keys()
    assert set(METHODS.values()) <= CATALOG.keys()
    assert not FORMER_STUDIES.keys() & STUDIES.keys()


def test_options_of_former_trainings():
    assert train_options({"hear_pruned": False}) == {"relations": ("kept",)}
    assert train_options({"relations": ["kept", "pruned"]}) == {"relations": ("kept", "pruned")}
