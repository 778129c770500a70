"""The data of a page: settings, graph, noise and rewiring."""

from dataclasses import dataclass
from functools import cached_property

import torch

from pages.shared.core import queries
from pages.shared.core.markdown import escape_markdown
from pages.shared.state.settings import Settings
from pages.shared.state.snapshot import Snapshot
from torque_core import DatasetSpec, LayerRewiring, Noise, NoisyGraph, Rewiring
from torque_core.datasets import LoadedDataset
from torque_core.figures.palette import class_name

__all__ = ["View"]


@dataclass(frozen=True)
class View:
    """The data of a page; its parts are shared by sessions and must not be changed.

    Attributes:
        settings: Settings of the sidebar.
        dataset: The data set without noise.
        noisy: The graph with noise.
        source: How the graph is rewired: the spec, or a snapshot of a training.
        rewiring: The rewired graphs of all layers.
        threshold: Threshold of the layer shown, if set by hand; None for that of the cut rule.
    """

    settings: Settings
    dataset: LoadedDataset
    noisy: NoisyGraph
    source: queries.RewiringSource
    rewiring: Rewiring
    threshold: float | None = None

    @property
    def snapshot(self) -> Snapshot | None:
        """Snapshot of a training whose graphs are shown; None if the graph is rewired by the settings."""
        return self.source if isinstance(self.source, Snapshot) else None

    @cached_property
    def layer(self) -> LayerRewiring:
        """The layer shown, cut at the threshold set by hand if there is one."""
        if self.threshold is None:
            return self.layer_by_rule
        return self.layer_by_rule.recut(self.threshold, additions=self.rewiring.spec.additions)

    @property
    def layer_by_rule(self) -> LayerRewiring:
        """The layer shown, cut by the cut rule even if there is a threshold set by hand."""
        return self.rewiring.layers[self.settings.layer]

    @property
    def layers(self) -> tuple[LayerRewiring, ...]:
        """The layers up to the one shown, which may be cut by hand."""
        return (*self.rewiring.layers[: self.settings.layer], self.layer)

    @property
    def key(self) -> tuple[DatasetSpec, Noise, queries.RewiringSource, str]:
        """Arguments of the queries about the rewiring."""
        settings = self.settings
        return settings.dataset, settings.noise, self.source, settings.device

    @cached_property
    def injected(self) -> torch.Tensor:
        """Mask of the layer's scored edges that the noise inserted."""
        return self.noisy.is_injected(self.layer.pairs)

    @property
    def has_injected(self) -> bool:
        """True if the noise inserted edges into the graph, so that their detection can be measured."""
        return self.noisy.injected.size(1) > 0

    def of_injected(self, text: str) -> str:
        """Return a part of a caption on injected edges; nothing if there are none."""
        return text if self.has_injected else ""

    @property
    def title(self) -> str:
        """Title of the data set, escaped for Markdown."""
        return escape_markdown(self.dataset.info.title)

    def node_name(self, node: int) -> str:
        """Return the name of a node; its number if it has none."""
        return self.dataset.names[node] if self.dataset.names else str(node)

    def node_label(self, node: int) -> str:
        """Return the name of a node, escaped for Markdown."""
        return escape_markdown(self.node_name(node))

    def class_label(self, label: int) -> str:
        """Return the name of a class, escaped for Markdown."""
        return escape_markdown(class_name(label, self.dataset.class_names))
