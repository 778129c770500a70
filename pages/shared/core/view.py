"""Everything that a page draws from: settings, graph, noise and rewiring."""

from dataclasses import dataclass
from functools import cached_property

import torch

from pages.shared.core import queries
from pages.shared.state.settings import Settings
from pages.shared.state.snapshot import Snapshot
from torque_core import DatasetSpec, LayerRewiring, Noise, NoisyGraph, Rewiring
from torque_core.datasets import LoadedDataset
from torque_core.figures.palette import class_name

__all__ = ["View", "escape_markdown"]


@dataclass(frozen=True)
class View:
    """Everything that a page draws from. Shared by sessions: to be read only."""

    settings: Settings
    dataset: LoadedDataset
    noisy: NoisyGraph
    rule: queries.RewiringSource
    """How the graph is rewired: what the sidebar says, or a moment of a training."""
    rewiring: Rewiring
    threshold: float | None = None
    """A cut by hand of the layer shown; None for the rule's own."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The moment of a training whose graphs are shown; None for what the settings give."""
        return self.rule if isinstance(self.rule, Snapshot) else None

    @cached_property
    def layer(self) -> LayerRewiring:
        """The layer that the sidebar chose, cut by hand if it was."""
        layer = self.rewiring.layers[self.settings.layer]
        return layer if self.threshold is None else layer.recut(self.threshold)

    @property
    def key(self) -> tuple[DatasetSpec, Noise, queries.RewiringSource, str]:
        """What the door asks for to find the rewiring."""
        settings = self.settings
        return settings.dataset, settings.noise, self.rule, settings.device

    @cached_property
    def injected(self) -> torch.Tensor:
        """Which of the layer's judged edges the noise inserted, bool."""
        return self.noisy.is_injected(self.layer.pairs)

    def node_name(self, node: int) -> str:
        """The node's name, or its number if it has none."""
        return self.dataset.names[node] if self.dataset.names else str(node)

    def class_label(self, label: int) -> str:
        """What a class is called, for a text with markup."""
        return escape_markdown(class_name(label, self.dataset.class_names))


def escape_markdown(line: str) -> str:
    """Text of a person's file, in which nothing is taken for markup."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+-.!|$:~^&@=" else letter for letter in line)
