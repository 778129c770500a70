"""Checks of the arguments that the models share."""

from collections.abc import Sequence

from torch import Tensor
from torch_geometric.nn.models.basic_gnn import BasicGNN

from torque_core.errors import BadConfig
from torque_core.nn.layer_graphs import Graph

__all__ = ["check_numbers", "check_supported"]


def check_numbers(
    in_channels: int, hidden_channels: int, num_layers: int, out_channels: int | None, *dropouts: float
) -> None:
    """Raise BadConfig if a value is not a number of its kind, as after positional arguments in another order."""
    at_least_1 = {"hidden_channels": hidden_channels, "num_layers": num_layers}
    if out_channels is not None:
        at_least_1["out_channels"] = out_channels
    if in_channels != -1:
        at_least_1["in_channels"] = in_channels
    for name, value in at_least_1.items():
        if type(value) is not int or value < 1:
            raise BadConfig(f"{name} must be an integer of at least 1, got {value!r}")
    for name, probability in zip(("dropout", "input_dropout"), dropouts, strict=True):
        if type(probability) not in (int, float) or not 0 <= probability <= 1:
            raise BadConfig(f"{name} must be a probability in [0, 1], got {probability!r}")


def check_supported(model: BasicGNN, graphs: Sequence[Graph], attributes: Sequence[Tensor | None]) -> None:
    """Raise BadConfig if there are edge weights or edge features that the convolutions of a model do not take."""
    name = type(model.convs[0]).__name__
    if not model.supports_edge_weight and any(weight is not None for _, weight in graphs):
        raise BadConfig(
            f"backbone {name} takes no edge_weight; use gcn, sage, gat or a class whose forward does, or omit it"
        )
    if not model.supports_edge_attr and any(attribute is not None for attribute in attributes):
        raise BadConfig(f"backbone {name} takes no edge_attr; use a class whose forward does, or omit it")
