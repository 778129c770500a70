"""Session files: a saved session is read back, and invalid content is reported."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.state.session_file import MAX_BYTES, VERSION, read_session, write_session
from torque_core import BadConfig

PAGES = ("explore", "train")
GOOD = {"app": "Torque Explorer", "version": VERSION, "page": "train", "settings": {"data": "karate", "rate": "20"}}


def read(**changes: object) -> tuple[str | None, dict[str, object], list[str]]:
    file = read_session(json.dumps(GOOD | changes).encode(), PAGES)
    return file.page, file.values, file.problems


def test_a_saved_session_is_read_back():
    picked = "~".join(map(str, range(5000)))
    text = write_session("explore", {"data": "karate", "rate": "20", "picked": picked})
    file = read_session(text.encode(), PAGES)
    assert file.page == "explore"
    assert file.values == {"data": "karate", "rate": 20, "picked": tuple(picked.split("~")), "node": 0}
    assert file.problems == []
    assert len(text) < MAX_BYTES / 10


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"app": ' + b"1" * 5000 + b"}", "not JSON"),
        (b"\x80\x04K\x01.", "not JSON"),  # a pickle
        (b"[1, 2]", "not a session of Torque Explorer"),
        (b'{"app": "Other", "settings": {}}', "not a session of Torque Explorer"),
        (b'{"app": "Torque Explorer", "settings": []}', "not a session of Torque Explorer"),
        (b" " * (MAX_BYTES + 1), "at most 1,000,000 bytes, this file has 1,000,001"),
    ],
)
def test_other_files_are_rejected(raw, message):
    with pytest.raises(BadConfig, match=message):
        read_session(raw, PAGES)


def test_invalid_parts_are_reported_and_the_rest_is_read():
    page, values, problems = read(
        version=2,
        page="atlantis",
        settings={"data": "karate", "rate": "900", "colour": "red", "seed": 3, "node": ["1"], "teach": "1", "job": "a"},
    )
    assert page is None
    assert values == {"data": "karate"}
    assert problems == [
        "version: 2 is not 1; only the known settings were read.",
        "page: 'atlantis' is not one of explore, train; the page was not changed.",
        "'seed': 3 is not a string; it was left out.",
        "'node': a list is not a string; it was left out.",
        "teacher mode: it cannot be set by a session file; it was left out.",
        "trainings: it cannot be set by a session file; it was left out.",
        "noise level in %: «900» is not a number from 0 to 200; the default, 50, is shown.",
        "The file's part «colour» is unknown and was left out.",
    ]


@pytest.mark.parametrize("page", [None, 3, ["train"], {"a": 1}])
def test_a_page_must_be_a_name(page):
    name, values, problems = read(page=page)
    assert name is None
    assert values == {"data": "karate", "rate": 20}
    assert problems[0].startswith("page: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON, JSON, st.dictionaries(st.sampled_from(["data", "seed", "picked", "hide", "threshold", "x"]), JSON))
def test_no_content_raises_an_error(version, page, settings):
    _, values, _ = read(version=version, page=page, settings=settings)
    assert values.keys() <= settings.keys()
