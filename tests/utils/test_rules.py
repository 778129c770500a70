import re

import pytest

from torque_core.errors import BadConfig
from torque_core.utils.rules import RuleProperties, RuleRegistry


def plain():
    """Do nothing."""


def other():
    """Do nothing else."""


@pytest.fixture
def rules():
    registry = RuleRegistry("rule")
    registry.register("learned", learned=True, options=("rate",))(plain)
    registry.register("plain")(other)
    return registry


def test_properties_are_declared_at_registration(rules):
    assert rules.properties("learned") == RuleProperties(learned=True, options=("rate",))
    assert rules.with_property("learned") == ("learned",)
    assert rules.with_property("differentiable") == ()
    assert {"learned": plain, "plain": other} == rules


def test_properties_are_false_by_default(rules):
    default = RuleProperties()
    assert rules.properties("plain") == default
    assert not any(vars(default).values())


def test_a_replacement_does_not_inherit_properties(rules):
    rules["learned"] = other
    assert rules.properties("learned") == RuleProperties()
    del rules["learned"]
    rules.register("learned", needs_labels=True)(other)
    assert rules.properties("learned") == RuleProperties(needs_labels=True)


def test_a_name_is_registered_once(rules):
    with pytest.raises(BadConfig, match=re.escape("rule 'plain' is registered already; choose another name")):
        rules.register("plain", learned=True)(plain)
    assert rules.properties("plain") == RuleProperties()


def test_unknown_names_raise_with_the_choices(rules):
    with pytest.raises(BadConfig, match=re.escape("rule must be one of learned, plain; got 'none'")):
        rules.properties("none")
