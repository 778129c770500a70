"""Links with former names still open the same view."""

from pages.shared.state.declarations import SETTINGS
from pages.shared.state.link import read_link
from pages.shared.state.link_aliases import KEYS, update_link

SNAPSHOT = "0123456789abcdef-torque-61"


def test_former_keys_are_read_as_the_present_ones():
    assert read_link({"moment": SNAPSHOT}) == ({"snapshot": SNAPSHOT}, [])


def test_a_present_key_takes_precedence():
    assert update_link({"moment": "old", "snapshot": "new"}) == {"snapshot": "new"}


def test_former_keys_are_gone_and_present_ones_exist():
    assert not KEYS.keys() & SETTINGS.keys()
    assert set(KEYS.values()) <= SETTINGS.keys()
