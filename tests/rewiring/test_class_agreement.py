import copy
import math
from itertools import pairwise

import pytest
import torch

from tests.rewiring.test_gap import mixture
from torque_core import BlockModel, DatasetSpec, Noise, add_noise, load, rewire
from torque_core.rewiring.bounded_gap import bounded_gap
from torque_core.rewiring.class_agreement import class_agreement


def cycle(edges, classes=5):
    """Every edge joins a class to the next one: none is within a class."""
    first = torch.arange(edges) % classes
    return torch.stack([first, (first + 1) % classes])


def within(edges, classes=5):
    return (torch.arange(edges) % classes).expand(2, -1)


def agreement(kept, pruned):
    both = torch.cat([kept, pruned], dim=1)
    return class_agreement(both, torch.arange(both.size(1)) < kept.size(1))


def test_by_hand():
    # 1,000 kept edges of two classes with as many ends of each, so c = 1/2; h = .51, so r = .02, and two standard
    # errors are 2 sqrt(.25 / 1000) / .5 = .0632: .0832 is .665 of the way from .05 to .1
    kept = torch.cat([within(510, 2), cycle(490, 2)], dim=1)
    assert agreement(kept, cycle(300, 2)) == pytest.approx((0.02 + 4 * (0.25 / 1000) ** 0.5 - 0.05) / 0.05)


def test_it_grows_with_the_fraction_within_classes_and_without_a_cliff():
    values = [agreement(torch.cat([within(n), cycle(4000 - n)], dim=1), cycle(500)) for n in range(600, 1500, 20)]
    assert values == sorted(values)
    assert (values[0], values[-1]) == (0, 1)
    assert max(after - before for before, after in pairwise(values)) < 0.15


def test_few_edges_or_none_are_no_objection():
    unknown = torch.full((2, 50), -1)
    assert agreement(unknown, unknown) == 1
    assert agreement(unknown, cycle(9)) == 1
    assert agreement(torch.cat([unknown, torch.tensor([[0, 1, 2], [0, 2, 0]])], dim=1), cycle(3, 3)) == 1
    assert agreement(torch.zeros(2, 9, dtype=torch.long), torch.zeros(2, 9, dtype=torch.long)) == 1  # one class


def test_the_kept_edges_count_and_not_the_pruned():
    assert agreement(within(200), cycle(800)) == 1
    assert agreement(cycle(200), within(800)) == 0


def test_the_reason_names_the_labels():
    torque, null_torque = mixture(0.4)
    weights = {"by degree": torch.ones_like(null_torque)}
    classes = cycle(len(torque))
    gap = bounded_gap(torque, null_torque, weights, classes=classes)
    assert (gap.threshold, gap.reliability) == (math.inf, 0)
    assert gap.reason == "Edges say little about whether training nodes have the same class, so none is pruned."
    unlabelled = bounded_gap(torque, null_torque, weights, classes=torch.full_like(classes, -1))
    assert unlabelled.threshold == bounded_gap(torque, null_torque, weights).threshold < math.inf


def test_classes_that_are_unrelated_to_the_edges_stop_the_pruning():
    """The same noisy graph is pruned with its classes, and without labels, but not if its classes are shuffled."""
    data = load(DatasetSpec("block_model", block_model=BlockModel(nodes=400, homophily=1.0, signal=1.5))).data
    data = add_noise(data, Noise("insert", 0.5)).data
    data.train_mask = torch.arange(400) % 2 == 0
    shuffled, unlabelled = copy.copy(data), copy.copy(data)
    shuffled.y = data.y[torch.randperm(400, generator=torch.Generator().manual_seed(0))]
    del unlabelled.train_mask

    def pruned(graph):
        return [float(layer.pruned_mask.float().mean()) for layer in rewire(graph).layers]

    assert min(pruned(data)) > 0.2
    assert min(pruned(unlabelled)) > 0.2
    assert max(pruned(shuffled)) < 0.02
