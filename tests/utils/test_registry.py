import re

import pytest

from torque_core.errors import BadConfig
from torque_core.utils.registry import Registry


@pytest.fixture
def tools():
    registry = Registry("tool")

    @registry.register("saw")
    def saw():
        """Cuts wood.

        And fingers.
        """

    @registry.register("axe")
    def axe():
        pass

    return registry


def test_functions_are_registered_by_name_in_order(tools):
    assert list(tools) == ["saw", "axe"]
    assert tools.get_or_raise("saw") is tools["saw"]
    assert tools["axe"].__name__ == "axe"


def test_a_description_is_the_first_line_of_the_docstring_or_the_name(tools):
    assert tools.describe("saw") == "Cuts wood."
    assert tools.describe("axe") == "axe"


def test_unknown_names_raise_with_the_choices(tools):
    with pytest.raises(BadConfig, match=re.escape("tool must be one of saw, axe; got 'hammer'")):
        tools.get_or_raise("hammer")


def test_a_name_is_registered_once(tools):
    first = tools["saw"]
    with pytest.raises(BadConfig, match=re.escape("tool 'saw' is registered already; choose another name")):
        tools.register("saw")(print)
    assert tools["saw"] is first
