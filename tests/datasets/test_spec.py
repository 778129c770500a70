import dataclasses

import pytest

from torque_core.datasets import BlockModel, DatasetSpec
from torque_core.errors import BadConfig


def test_default_scheme_is_filled_in_and_specs_hash_alike():
    assert DatasetSpec("cora").scheme == "public"
    assert DatasetSpec("karate").scheme == "random-48-32-20"
    assert len({DatasetSpec("cora"), DatasetSpec("cora", scheme="public")}) == 1


def test_block_model_settings_count_only_for_the_block_model():
    other = BlockModel(seed=3)
    assert DatasetSpec("cora", block_model=other) == DatasetSpec("cora")
    assert DatasetSpec(block_model=other) != DatasetSpec()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "Cora"}, "unknown data set 'Cora'; choose from: karate, davis"),
        ({"name": "karate", "scheme": "public"}, "no split scheme 'public'; choose from: random-48-32-20, random"),
        ({"name": "cora", "split": 1}, "split of 'public' must be an integer in 0 to 0, got 1"),
        ({"name": "texas", "split": -1}, "in 0 to 9, got -1"),
        ({"name": "karate", "split": 1000}, "in 0 to 999, got 1000"),
        ({"name": "karate", "split": True}, "must be an integer"),
        (
            {"name": "cora", "directed": True},
            "Cora has no edge directions .* set directed=False, or choose from: texas",
        ),
        ({"name": "texas", "directed": 1}, "directed must be True or False, got 1"),
    ],
)
def test_bad_spec_lists_the_choices(options, message):
    with pytest.raises(BadConfig, match=message):
        DatasetSpec(**options)


def test_spec_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        DatasetSpec().split = 2
