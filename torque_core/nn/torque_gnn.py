"""A graph neural network with a separate graph for each layer."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from torque_core.errors import BadConfig
from torque_core.nn.backbones import CONVERTING_CONVS, Backbone, forward_takes, make_conv
from torque_core.nn.dropout import dropout
from torque_core.nn.sparse_features import FeatureMap

__all__ = ["NORMS", "RELATIONS", "Graph", "TorqueGNN"]

Graph = tuple[Tensor, Tensor | None]
"""``edge_index`` and ``edge_weight``."""

NORMS: dict[str | None, type[nn.Module]] = {None: nn.Identity, "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
"""Normalisations of the hidden layers by name."""

RELATIONS = (("kept",), ("kept", "pruned"))
"""Relations that a model can use: the edges of the rewired graph alone, or the pruned edges as well."""


class TorqueGNN(nn.Module):
    """A stack of graph convolutions, each over the rewired graph of its layer.

    .. math::
        Z^l = \\mathrm{dropout}(H^l), \\qquad
        H^{l+1} = \\mathrm{ReLU}\\big( \\mathrm{norm}( \\mathrm{conv}_l(Z^l, A_l) + Z^l U_l + Z^l R_l ) \\big),

    without ReLU and norm in the last layer. The term with :math:`U_l` is present if ``separate``, that with :math:`R_l`
    if ``residual``; by default there is neither, and no norm. If every layer gets the input graph, this is the plain
    GNN with the same parameters, so that the two can be compared directly.

    ``separate`` keeps the embeddings of a node and of its neighbours separate, as H2GCN (Zhu et al., NeurIPS 2020) and
    the "-sep" models of Platonov et al. (ICLR 2023) do: the convolution has no self-loops or root weight, and
    :math:`U_l` transforms the node itself. With :math:`\\mathrm{conv}_l(Z, A) = \\hat{A} Z W_l` the sum is one linear
    layer over the concatenation :math:`[Z, \\hat{A} Z]`. SAGE separates them by design and is unchanged, with
    :math:`U_l` as its root weight. A backbone with neither option is unchanged as well, and :math:`U_l` is added.

    ``residual`` uses :math:`R_l = I`, or a learned projection if the widths differ. In Luo et al. (NeurIPS 2024,
    arXiv 2406.08993), who found that residual connections make classic GNNs strong, it is learned in every hidden
    layer.

    With ``relations=("kept", "pruned")`` each layer also uses its pruned edges :math:`P_l`, as a separate relation: it
    adds the term

    .. math::
        \\dots + g_l \\, \\mathrm{conv}'_l(Z^l, P_l),

    where :math:`\\mathrm{conv}'_l` has separate weights and excludes the node itself. The gate :math:`g_l` is learned
    and initialised to 0, so that noisy edges can remain without effect while informative edges between dissimilar nodes
    are still used: torque then sorts the edges into two relations instead of discarding one. Relation-specific weights
    are those of R-GCN (Schlichtkrull et al., ESWC 2018) and gates initialised to 0 those of ReZero (Bachlechner et al.,
    UAI 2021); their combination with rewiring is this project's choice.

    Args:
        in_channels: Number of features :math:`F`.
        hidden_channels: Width of the hidden layers.
        out_channels: Number of classes :math:`C`.
        num_layers: Number of layers :math:`L`.
        dropout: Dropout probability of the input of each layer.
        backbone: A name in :data:`~torque_core.nn.BACKBONES`, such as ``gcn``, ``sage`` or ``gat``; or a PyG
            convolution, called as ``backbone(in_channels, out_channels)``, whose output has width ``out_channels``.
        separate: Whether to transform a node separately from its neighbours.
        residual: Whether to add the input of each layer to its output.
        norm: Normalisation of the hidden layers before the ReLU: None, ``batch`` or ``layer``.
        relations: ``("kept",)``, or ``("kept", "pruned")`` to use pruned edges as a separate relation.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> from torque_core import rewire
        >>> data = KarateClub()[0]
        >>> model = TorqueGNN(data.num_features, 16, 4)
        >>> model(data.x, rewire(data).edge_indices).shape
        torch.Size([34, 4])

        Edges may be weighted, where weight 0 equals no edge, and the weights receive gradients:

        >>> model = TorqueGNN(data.num_features, 16, 4, backbone="gat", separate=True, residual=True, norm="layer")
        >>> gate = torch.ones(data.num_edges, requires_grad=True)
        >>> model(data.x, [data.edge_index] * 2, [gate, None]).sum().backward()
        >>> gate.grad.shape
        torch.Size([156])
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        out_channels: int,
        *,
        num_layers: int = 2,
        dropout: float = 0.5,
        backbone: str | Backbone = "gcn",
        separate: bool = False,
        residual: bool = False,
        norm: str | None = None,
        relations: tuple[str, ...] = ("kept",),
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise BadConfig(f"num_layers must be at least 1, got {num_layers}")
        if norm not in NORMS:
            raise BadConfig(f"norm must be one of {', '.join(map(str, NORMS))}; got {norm!r}")
        if relations not in RELATIONS:
            raise BadConfig(f"relations must be one of {', '.join(map(str, RELATIONS))}; got {relations!r}")
        widths = list(pairwise([in_channels, *[hidden_channels] * (num_layers - 1), out_channels]))
        # the convolutions come first, so that a seed initialises them alike whatever the other options are
        self.convs = nn.ModuleList(make_conv(backbone, *width, include_self=not separate) for width in widths)
        self.egos = nn.ModuleList(FeatureMap(*width, bias=False) for width in widths if separate)
        self.skips = nn.ModuleList(_skip(*width) for width in widths if residual)
        self.norms = nn.ModuleList(NORMS[norm](hidden_channels) for _ in widths[1:])
        self.pruned_convs = nn.ModuleList(
            make_conv(backbone, *width, include_self=False) for width in widths if "pruned" in relations
        )
        self.gates = nn.Parameter(torch.zeros(num_layers)) if "pruned" in relations else None
        """Gates :math:`g` of the pruned edges, :math:`(L,)`; None unless these are a relation."""
        self.dropout = dropout
        self._takes_edge_weight = all(forward_takes(conv, "edge_weight") for conv in self.convs)
        self._takes_generator = all(forward_takes(conv, "generator") for conv in self.convs)

    def forward(
        self,
        x: Tensor,
        edge_indices: Sequence[Tensor],
        edge_weights: Sequence[Tensor | None] | None = None,
        pruned: Sequence[Graph] | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Class scores (logits), :math:`(|\\mathcal{V}|, C)`.

        Args:
            x: Features, :math:`(|\\mathcal{V}|, F)`, dense or sparse; if most are 0, a sparse COO tensor trains much
                faster. CSR is converted to COO in each call.
            edge_indices: Graph of each layer, in both directions and without self-loops, each
                :math:`(2, 2|\\mathcal{E}_l|)`, int64 or int32.
            edge_weights: Edge weights of each graph, at least 0, each :math:`(2|\\mathcal{E}_l|,)`, of any numeric
                dtype; None for 1 everywhere.
            pruned: Pruned edges of each layer, see :attr:`~torque_core.rewiring.record.Rewiring.pruned_graphs`; ignored
                unless they are one of the model's relations. None for no pruned edges.
            generator: Generator of the dropout masks, on the device of ``x``; None for torch's global one. It is passed
                on to convolutions whose forward has an argument ``generator``, such as the attention dropout of
                ``gat``. Other convolutions with internal dropout draw from the global generator.
        """
        edge_weights = [None] * len(self.convs) if edge_weights is None else edge_weights
        self._check(edge_indices, edge_weights)
        for layer, conv in enumerate(self.convs):
            z = dropout(x, self.dropout, training=self.training, generator=generator)
            x = self._convolve(conv, z, edge_indices[layer], edge_weights[layer], generator)
            if self.gates is not None and pruned is not None and pruned[layer][0].size(1):
                x = x + self.gates[layer] * self._convolve(self.pruned_convs[layer], z, *pruned[layer], generator)
            if self.egos:
                x = x + self.egos[layer](z)
            if self.skips:
                x = x + self.skips[layer](z)
            if layer < len(self.norms):
                x = torch.relu(self.norms[layer](x))
        return x

    def _convolve(
        self,
        conv: nn.Module,
        z: Tensor,
        edge_index: Tensor,
        weight: Tensor | None,
        generator: torch.Generator | None,
    ) -> Tensor:
        if not isinstance(conv, CONVERTING_CONVS):  # those convert themselves, and cache the result
            edge_index, weight = edge_index.long(), None if weight is None else weight.to(z.dtype)
        # only options that are used, as not every backbone has them
        options: dict[str, object] = {} if weight is None else {"edge_weight": weight}
        if self._takes_generator:
            options["generator"] = generator
        out: Tensor = conv(z, edge_index, **options)
        return out

    def _check(self, edge_indices: Sequence[Tensor], edge_weights: Sequence[Tensor | None]) -> None:
        layers = len(self.convs)
        if len(edge_indices) != layers:
            raise BadConfig(f"{len(edge_indices)} graphs for {layers} layers; give one graph per layer")
        if len(edge_weights) != layers:
            raise BadConfig(f"{len(edge_weights)} edge_weights for {layers} layers; give one per layer, None for none")
        for layer, (edge_index, weight) in enumerate(zip(edge_indices, edge_weights, strict=True)):
            if weight is None:
                continue
            if not self._takes_edge_weight:
                raise BadConfig(
                    f"backbone {type(self.convs[layer]).__name__} takes no edge_weight; "
                    "use gcn, sage, gat or a class whose forward does, or omit edge_weights"
                )
            if weight.shape != edge_index.shape[1:]:
                raise BadConfig(
                    f"edge_weights[{layer}] has shape {tuple(weight.shape)}, but its graph has {edge_index.size(1)} "
                    "columns; give one weight per column of edge_index"
                )


def _skip(in_channels: int, out_channels: int) -> nn.Module:
    return nn.Identity() if in_channels == out_channels else FeatureMap(in_channels, out_channels, bias=False)
