import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.shared.core.markdown import escape_markdown
from tests.hostile import LINES, NAMES

JOINER = "\u2060"


@pytest.mark.parametrize("name", NAMES[:-2])
def test_nothing_but_escapes_is_added(name):
    assert re.sub(r"\\(.)", r"\1", escape_markdown(name)).replace(JOINER, "") == name


@settings(max_examples=25)
@given(st.text(st.sampled_from("a1 .:/@-<>~=*_`$[](){}|#+!&^\\\n"), max_size=30))
def test_every_special_letter_is_escaped_once(text):
    escaped = escape_markdown(text).replace(JOINER, "")
    assert not re.search(r"(?<!\\)(?:\\\\)*[*_`$|~<>]|(?<!\\)(?:\\\\)*:\w|(?<!\\)(?:\\\\)*\]\(", escaped)
    assert re.sub(r"\\(.)", r"\1", escaped) == " ".join(text.split())


def test_a_name_stays_on_its_line():
    assert escape_markdown(LINES) == "first # second - third"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1. a", r"1\. a"),
        ("[0, 1]", "[0, 1]"),
        ("[0](1)", r"\[0\](1)"),
        ("a.csv", "a.csv"),
        ("a\u202eb", r"a\\u202eb"),
        ("\x07", r"\\x07"),
    ],
)
def test_dots_and_invisible_letters(text, shown):
    assert escape_markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("www.a.org", "www\u2060.a.org"),
        ("http://a.org", "http:\u2060//a.org"),
        ("a@b.org", "a@\u2060b.org"),
        (":smile:", ":\u2060smile:"),
        (":material/home:", ":\u2060material/home:"),
        ("a -> b", "a -\u2060\\> b"),
    ],
)
def test_what_streamlit_replaces_in_escaped_text_is_broken_up(text, broken):
    assert escape_markdown(text) == broken


def test_ordinary_text_has_no_hidden_letters():
    assert JOINER not in escape_markdown("rate: 0.5 is not in [0, 1]; a->b, see a.csv")
