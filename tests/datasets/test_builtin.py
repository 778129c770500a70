import torch

from torque_core.datasets import BlockModel, DatasetSpec, load
from torque_core.datasets.builtin import nearest_pairs


def test_davis_joins_women_and_events_by_name():
    davis = load(DatasetSpec("davis"))
    assert len(davis.names) == 32
    women, events = davis.names[:18], davis.names[18:]
    assert women[0] == "Evelyn Jefferson"
    assert events == tuple(f"E{number}" for number in range(1, 15))
    assert davis.data.y.tolist() == [0] * 18 + [1] * 14
    assert davis.class_names == ("woman", "event")
    assert (davis.data.y[davis.data.edge_index].sum(dim=0) == 1).all()
    came = davis.data.edge_index[1][davis.data.edge_index[0] == 0]
    assert [davis.names[node] for node in came] == ["E1", "E2", "E3", "E4", "E5", "E6", "E8", "E9"]


def test_digits_are_images_with_five_or_more_neighbours():
    digits = load(DatasetSpec("digits"))
    assert digits.data.x.min() == 0
    assert digits.data.x.max() == 1
    assert digits.data.edge_index[0].bincount().min() >= 5
    assert digits.names is None


def test_nearest_pairs_equals_a_slow_search():
    generator = torch.Generator().manual_seed(0)
    points = torch.randint(0, 3, (40, 4), generator=generator).double()  # many ties
    expected = []
    for i, point in enumerate(points):
        order = sorted((float((point - other).square().sum()), j) for j, other in enumerate(points) if j != i)
        expected.append({j for _, j in order[:3]})
    source, target = nearest_pairs(points, 3)
    assert [set(target[source == i].tolist()) for i in range(40)] == expected


def test_block_model_takes_its_settings_from_the_spec():
    dataset = load(DatasetSpec("block_model", block_model=BlockModel(nodes=50, features=3)))
    assert dataset.data.x.shape == (50, 3)
    assert int(dataset.data.train_mask.sum() + dataset.data.val_mask.sum() + dataset.data.test_mask.sum()) == 50


def test_the_seed_of_the_split_does_not_change_the_graph():
    first, second = (load(DatasetSpec("karate", split=seed)).data for seed in (0, 1))
    assert torch.equal(first.edge_index, second.edge_index)
    assert not torch.equal(first.train_mask, second.train_mask)
