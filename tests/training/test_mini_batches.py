from dataclasses import replace

import pytest
import torch

from torque_core import BlockModel, DatasetSpec, RewireSpec, load
from torque_core.__main__ import main
from torque_core.errors import BadConfig
from torque_core.training import Epoch, Finished, TrainSpec, train

SPEC = TrainSpec(epochs=15, refresh_every=6, hidden=8)


@pytest.fixture(scope="module")
def data():
    model = BlockModel(nodes=200, classes=3, degree=8, signal=1.0)
    data = load(DatasetSpec("block_model", block_model=model)).data
    part = torch.arange(len(data.y)) % 4
    data.train_mask, data.val_mask, data.test_mask = part < 2, part == 2, part == 3
    return data


@pytest.mark.parametrize("options", [{}, {"relations": ("kept", "pruned")}, {"jk": "cat"}], ids=str)
def test_it_learns_with_rewired_graphs_per_layer(data, options):
    *events, end = train(data, replace(SPEC, **options), rewiring=RewireSpec(), batch_size=32, fanout=5, device="cpu")
    losses = [event.loss for event in events if isinstance(event, Epoch)]
    assert losses[-1] < 0.7 * losses[0]
    assert isinstance(end, Finished)
    assert end.test > 0.8


def test_a_seed_gives_one_training(data):
    one, two, other = (
        [event.loss for event in train(data, replace(SPEC, epochs=2, seed=seed), batch_size=32, device="cpu")
         if isinstance(event, Epoch)]
        for seed in (0, 0, 1)
    )  # fmt: skip
    assert one == two != other


def test_one_batch_with_all_neighbours_is_a_step_on_the_whole_graph(data):
    spec = replace(SPEC, epochs=1, dropout=0.0, backbone="sage")
    whole, batch = (next(iter(train(data, spec, batch_size=size, fanout=200, device="cpu"))) for size in (None, 1_000))
    assert batch.loss == pytest.approx(whole.loss, rel=1e-5)
    assert batch.validation == whole.validation


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be an integer of at least 1, or None for the whole graph; got 0"),
        ({"fanout": 0}, "fanout must be an integer of at least 1"),
        ({"spec": replace(SPEC, backbone="gprgnn")}, "backbone 'gprgnn' needs the whole graph"),
        ({"spec": replace(SPEC, backbone="gcn_svd")}, "backbone 'gcn_svd' needs the whole graph"),
        ({"spec": replace(SPEC, directions=("forth", "back"))}, "set directions="),
        ({"rewiring": RewireSpec(cut="bernoulli")}, "a learned cut"),
    ],
)
def test_what_needs_the_whole_graph(data, options, message):
    with pytest.raises(BadConfig, match=message):
        list(train(data, **{"spec": SPEC, "batch_size": 32, "device": "cpu", **options}))


def test_the_command_line(capsys):
    words = ["train", "karate", "--runs", "1", "--epochs", "3", "--device", "cpu", "--quiet"]
    assert main([*words, "--batch-size", "2", "--fanout", "3"]) == 0
    assert "plain" in capsys.readouterr().out
    assert main([*words, "--batch-size", "0"]) == 2
    assert "batch_size must be" in capsys.readouterr().err
