"""Settings as text: a link restores every state, and its invalid parts are reported."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.state.declarations import (
    HIDEABLE,
    MAX_PINNED,
    MAX_RUNS,
    MAX_SELECTED,
    MAX_SELECTED_IN_LINK,
    SETTINGS,
    default_state,
)
from pages.shared.state.kinds import (
    choice,
    free_text,
    id_list,
    name_list,
    number,
    positive_number,
    switch,
)
from pages.shared.state.link import read_link, write_link
from pages.shared.state.link_aliases import update_method
from pages.shared.state.settings import build_settings
from pages.shared.state.snapshot import Snapshot
from torque_core import DATASETS, BadConfig
from torque_core.baselines import PEERS
from torque_core.methods.catalog import methods_for
from torque_core.rewiring.spec import AUTO

DEFAULTS = default_state()
RUN_IDS = st.text("0123456789abcdef", min_size=16, max_size=16)
WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20)


def edge(ends: tuple[int, int]) -> str:
    return f"{ends[0]}-{ends[0] + ends[1]}"


PICKED = st.lists(
    st.integers(0, 99_999_999).map(str) | st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)).map(edge),
    max_size=150,
    unique=True,
).map(tuple)


@st.composite
def states(draw: st.DrawFn) -> dict[str, object]:
    """A state with any values that its settings allow."""
    state: dict[str, object] = {}
    for key, setting in SETTINGS.items():
        default = setting.default
        if key == "picked":
            value = PICKED
        elif key == "hide":
            value = st.lists(st.sampled_from(list(HIDEABLE)), unique=True).map(tuple)
        elif key in ("methods", "lines"):
            names = WORDS.filter(lambda word: update_method(word) == word)  # former names do not come back
            value = st.lists(names, max_size=5).map(tuple)
        elif key == "models":
            value = st.lists(st.sampled_from(list(methods_for("train"))), min_size=1, unique=True).map(tuple)
        elif key == "job":
            value = st.lists(RUN_IDS, max_size=MAX_RUNS).map(tuple)
        elif key == "pinned":
            value = st.lists(RUN_IDS, max_size=MAX_PINNED).map(tuple)
        elif key == "snapshot":
            value = st.just("") | st.builds(
                Snapshot, RUN_IDS, st.sampled_from(list(methods_for("train"))), st.integers(1, 999)
            ).map(str)
        elif key == "threshold":
            value = st.just("") | st.floats(1e-9, 1e9).map(repr)
        elif setting.options is not None:
            value = st.sampled_from([default, *setting.options()])
        elif isinstance(default, bool):
            value = st.booleans()
        elif setting.low is not None:
            low, high = setting.low, setting.high
            value = st.floats(low, high) if isinstance(default, float) else st.integers(int(low), int(high))
        else:
            value = st.just("") | st.text("abc0129", min_size=1, max_size=32)
        state[key] = draw(value)
    return state


@given(states())
def test_a_link_restores_any_state(state):
    values, problems = read_link(write_link(state, whole=True))
    assert problems == []
    restored = DEFAULTS | values
    for key in SETTINGS.keys() - {"scheme", "view"}:  # the data set may imply these two
        assert restored[key] == state[key], key
        assert type(restored[key]) is type(state[key])
    for key in ("scheme", "view"):
        assert values.get(key, state[key]) == state[key]
    assert write_link(restored, whole=True) == write_link(state, whole=True)


def test_a_link_holds_the_first_ids_of_a_long_selection():
    state = {"picked": tuple(map(str, range(MAX_SELECTED_IN_LINK + 1)))}
    assert write_link(state)["picked"].split("~") == list(map(str, range(MAX_SELECTED_IN_LINK)))
    assert read_link(write_link(state, whole=True))[0] == state | {"node": 0}


def test_a_selection_leads_to_its_node():
    assert read_link({"picked": "3-17~5"})[0]["node"] == 5  # nodes before edges
    assert read_link({"picked": "3-17", "node": "9"})[0]["node"] == 9
    assert write_link({"picked": ("5", "3-17"), "node": 5}) == {"picked": "5~3-17"}
    assert write_link({"picked": ("5",), "node": 0}) == {"node": "0", "picked": "5"}


@pytest.mark.parametrize(
    "text", ["4-4", "9-4", "-4", "4-", "04", "1 ", "1~", "~1", "٣", "123456789", "a", "1-2-3", "1.0"]
)
def test_invalid_ids(text):
    values, problems = read_link({"picked": text, "seed": "3"})
    assert values == {"seed": 3}
    assert problems == [
        f"selection: «{text}» is not at most 5,000 nodes, such as 17, and edges, such as 4-9, with ~ between them; "
        "it was left out."
    ]


def test_the_size_of_a_selection_is_limited():
    allows = SETTINGS["picked"].allows
    assert allows("~".join(map(str, range(MAX_SELECTED))))
    assert not allows("~".join(map(str, range(MAX_SELECTED + 1))))


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "x", "1" * 41])
def test_invalid_thresholds(text):
    assert read_link({"threshold": text})[0] == {}
    assert read_link({"threshold": "0.25"})[0] == {"threshold": "0.25"}


def test_the_kinds_of_settings():
    assert choice("x", "", ["a", "b"]).describe() == "one of a, b"
    assert not choice("x", "", ["a", "b"]).allows("")
    assert number("x", 0, 0, 4).allows("4")
    assert not number("x", 0, 0, 4).allows("3.5")
    assert number("x", 0.0, 0, 4).allows("3.5")
    assert not positive_number("x").allows("1e400")
    assert not free_text("x").allows("a\nb")
    assert not name_list("x", "some", "ab".__contains__).allows("a~c")
    assert id_list("x", 2).allows("1~1-2")
    assert not id_list("x", 2).allows("1~2~3")
    assert [switch("x", True).parse(text) for text in ("yes", "no")] == [True, False]
    assert not switch("x", True).allows("True")


def test_automatic_choices_and_peers_are_allowed():
    for lever in ("lever", "force"):
        assert read_link({lever: AUTO}) == ({lever: AUTO}, [])
    for peer in (*PEERS, "ablation_random"):
        assert read_link({"peer": peer})[0] == {"peer": peer}
    assert read_link({"frame": "4", "tab": "plane"}) == ({"frame": 4, "tab": "plane"}, [])
    assert read_link({"frame": "13"})[0] == {}


def test_messages_name_the_source():
    assert read_link({"colour": "red"}, source="file")[1] == ["The file's part «colour» is unknown and was left out."]


def test_settings_of_a_state():
    settings = build_settings(DEFAULTS | {"scheme": "random-48-32-20", "degree": 4.5, "layer": 2, "cut": "fixed"})
    assert settings.dataset.block_model.degree == 4.5
    assert (settings.rewire.cut, settings.rewire.fraction, settings.layer) == ("fixed", 0.1, 1)
    with pytest.raises(BadConfig, match="degree must be greater than 0"):
        build_settings(DEFAULTS | {"scheme": "random-48-32-20", "nodes": 3})
    karate = DEFAULTS | {"data": "karate", "scheme": DATASETS["karate"].default_scheme, "nodes": 3}
    assert build_settings(karate).dataset.name == "karate"  # settings of the block model do not matter


@pytest.mark.parametrize("text", ["0123", "0" * 15 + "g", "~".join(["0" * 16] * (MAX_RUNS + 1))])
def test_invalid_lists_of_trainings(text):
    assert read_link({"job": text}) == (
        {},
        [f"trainings: «{text if len(text) <= 40 else text[:40] + '…'}» is not up to {MAX_RUNS} ids of trainings with ~ "
         "between them; it was left out."],
    )  # fmt: skip
