import pytest

import torque_core
from torque_core.errors import BadConfig, BadGraph, DatasetUnavailable, MissingDependency, TorqueError


@pytest.mark.parametrize("error", [BadGraph, BadConfig, DatasetUnavailable])
def test_every_error_is_a_torque_error_and_public(error):
    assert issubclass(error, TorqueError)
    assert getattr(torque_core, error.__name__) is error


@pytest.mark.parametrize("error", [BadGraph, BadConfig])
def test_bad_input_is_also_a_value_error(error):
    assert issubclass(error, ValueError)


def test_a_missing_dependency_is_also_an_import_error():
    assert issubclass(MissingDependency, TorqueError)
    assert issubclass(MissingDependency, ImportError)
