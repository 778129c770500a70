"""A graph neural network with a separate graph for each layer."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn.inits import reset
from torch_geometric.nn.models.basic_gnn import BasicGNN

from torque_core.errors import BadConfig
from torque_core.nn.arguments import check_numbers, check_supported
from torque_core.nn.backbones import Backbone, convolve, forward_takes, make_conv
from torque_core.nn.dropout import dropout
from torque_core.nn.further_relations import FurtherRelations
from torque_core.nn.layer_graphs import Graph, graphs_of_layers, one_per_layer, without_last_edges
from torque_core.nn.sparse_features import FeatureMap

__all__ = ["TorqueGNN"]

_JK_MODES = (None, "last", "cat", "max", "lstm")


class TorqueGNN(BasicGNN):
    """A stack of graph convolutions, each over the rewired graph of its layer; PyG's ``BasicGNN`` with more options.

    .. math::
        Z^{l+1} = \\mathrm{dropout} \\Big( \\mathrm{act} \\big( \\mathrm{norm}
        ( \\mathrm{conv}_l(Z^l, A_l) + Z^l U_l + Z^l R_l ) \\big) \\Big),

    without dropout, activation and norm in the last layer, unless there is jumping knowledge. The term with :math:`U_l`
    is present if ``separate``, that with :math:`R_l` if ``residual``; by default there is neither. If every layer gets
    the same graph, this is PyG's ``GCN``, ``GraphSAGE``, ``GAT`` or other model of that backbone, and the parameters
    have the same names, so that state dicts are interchangeable. (Attention coefficients are dropped out only if the
    backbone says so, as ``partial(WeightedGATConv, dropout=0.5)``; PyG's ``GAT`` drops them out like the layers.)

    ``separate`` keeps the embeddings of a node and of its neighbours separate, as H2GCN (Zhu et al., NeurIPS 2020) and
    the "-sep" models of Platonov et al. (ICLR 2023) do: the convolution has no self-loops or root weight, and
    :math:`U_l` transforms the node itself. With :math:`\\mathrm{conv}_l(Z, A) = \\hat{A} Z W_l` the sum is one linear
    layer over the concatenation :math:`[Z, \\hat{A} Z]`. SAGE separates them by design and is unchanged, with
    :math:`U_l` as its root weight. A backbone with neither option is unchanged as well, and :math:`U_l` is added.

    ``residual`` uses :math:`R_l = I`, or a learned projection if the widths differ. In Luo et al. (NeurIPS 2024,
    arXiv 2406.08993), who found that residual connections make classic GNNs strong, it is learned in every hidden
    layer.

    **Relations.** With further ``relations`` a layer adds a term for each,

    .. math::
        \\dots + \\sum_r g_{r,l} \\, \\mathrm{conv}_{r,l}(Z^l, A_{r,l}),

    where :math:`A_{r,l}` are the pruned edges, the added ones, or the kept ones weighted by their torque (see
    :func:`~torque_core.nn.relation_graphs`), and :math:`\\mathrm{conv}_{r,l}` excludes the node itself; the relation
    ``self`` is the node itself, :math:`Z^l U_{r,l}`. The gates :math:`g_{r,l}` are learned and initialised to 0, so
    that noisy edges can remain without effect while informative edges between dissimilar nodes are still used: torque
    then sorts the edges into relations instead of discarding some. With ``gate="node"`` a gate depends on the node,
    :math:`2 g_{r,l} \\, \\sigma(Z^l v_{r,l} + b_{r,l})`. With ``directions=("forth", "back")`` each relation has
    separate weights for messages along the edges and against them; the second direction of the kept edges begins with a
    gate of 1. The weight matrices of a further relation are its own, those of the first relation
    (``relation_weights="shared"``), or differ from these by a matrix of rank 8 (``low_rank``).

    Relation-specific weights are those of R-GCN (Schlichtkrull et al., ESWC 2018), directions as relations those of
    Dir-GNN (Rossi et al., LoG 2023), and gates initialised to 0 those of ReZero (Bachlechner et al., UAI 2021); their
    combination with rewiring is this project's choice.

    Args:
        in_channels: Number of features :math:`F`; -1 for that of the first input.
        hidden_channels: Width of the hidden layers.
        num_layers: Number of layers :math:`L`.
        out_channels: Width of the output :math:`C`, such as the number of classes; None for ``hidden_channels``.
        dropout: Dropout probability of the output of each hidden layer.
        act: Activation, by name or as a function; None for none.
        act_first: Whether to apply the activation before the norm.
        act_kwargs: Arguments of an activation given by name.
        norm: Norm of the hidden layers, by the name of a class in ``torch_geometric.nn.norm`` or as a module.
        norm_kwargs: Arguments of a norm given by name.
        jk: Jumping knowledge (Xu et al., ICML 2018): ``last``, ``cat``, ``max`` or ``lstm``, followed by a linear map.
        input_dropout: Dropout probability of the features.
        backbone: A name in :data:`~torque_core.nn.BACKBONES`, such as ``gcn``, ``sage`` or ``gat``; or a PyG
            convolution, called as ``backbone(in_channels, out_channels, **options)``.
        separate: Whether to transform a node separately from its neighbours.
        residual: Whether to add the input of each layer to its output.
        relations: Names in :data:`~torque_core.nn.RELATIONS`, ``kept`` first, which is the graph given as
            ``edge_index``.
        directions: ``("forth",)`` to send messages along the edges, ``("back",)`` to send them against the edges, or
            both, with separate weights.
        gate: ``layer`` for a gate of each relation in each layer, or ``node`` for one that depends on the node, too.
        relation_weights: ``own``, ``shared`` or ``low_rank``.
        **options: Further arguments of the backbone, such as ``heads=4`` for ``gat`` or ``cached=True`` for ``gcn``.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> from torque_core import rewire
        >>> data = KarateClub()[0]
        >>> model = TorqueGNN(data.num_features, 16, num_layers=2, out_channels=4, dropout=0.5)
        >>> model(data.x, rewire(data).edge_indices).shape
        torch.Size([34, 4])
        >>> model(data.x, data.edge_index).shape  # the same graph in each layer
        torch.Size([34, 4])

        Edges may be weighted, where weight 0 equals no edge, and the weights receive gradients:

        >>> model = TorqueGNN(-1, 16, num_layers=2, out_channels=4, backbone="gat", heads=2, norm="batch", jk="cat")
        >>> gate = torch.ones(data.num_edges, requires_grad=True)
        >>> model(data.x, data.edge_index, [gate, None]).sum().backward()
        >>> gate.grad.shape
        torch.Size([156])
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        num_layers: int,
        out_channels: int | None = None,
        dropout: float = 0.0,
        act: str | Callable[[Tensor], Tensor] | None = "relu",
        act_first: bool = False,
        act_kwargs: dict[str, Any] | None = None,
        norm: str | nn.Module | None = None,
        norm_kwargs: dict[str, Any] | None = None,
        jk: str | None = None,
        *,
        input_dropout: float = 0.0,
        backbone: str | Backbone = "gcn",
        separate: bool = False,
        residual: bool = False,
        relations: Sequence[str] = ("kept",),
        directions: Sequence[str] = ("forth",),
        gate: str = "layer",
        relation_weights: str = "own",
        **options: Any,
    ) -> None:
        check_numbers(in_channels, hidden_channels, num_layers, out_channels, dropout, input_dropout)
        if isinstance(act, type) or not (act is None or isinstance(act, str) or callable(act)):
            raise BadConfig(f"act must be a name, a function or None, got {act!r}")
        if jk not in _JK_MODES:
            raise BadConfig(f"jk must be one of {', '.join(map(str, _JK_MODES))}; got {jk!r}")
        positional = in_channels, hidden_channels, num_layers, out_channels, dropout, act, act_first, act_kwargs
        try:
            # the convolutions come first, so that a seed initialises them alike whatever the other options are
            super().__init__(
                *positional,
                norm,
                norm_kwargs,
                jk,
                backbone=backbone,
                include_self=not separate,
                direction=directions[0],
                **options,
            )
        except ValueError as error:  # PyG's, for an unknown name
            raise BadConfig(str(error)) from error
        last = hidden_channels if jk else self.out_channels
        widths = list(pairwise([in_channels, *[hidden_channels] * (num_layers - 1), last]))
        self.egos = nn.ModuleList(FeatureMap(*width, bias=False) for width in widths if separate)
        self.skips = nn.ModuleList(_skip(*width) for width in widths if residual)
        self.directions = tuple(directions)
        self.further_relations = FurtherRelations(
            backbone,
            widths,
            self.convs,
            relations=relations,
            directions=directions,
            gate=gate,
            weights=relation_weights,
            averages_heads=not jk,
            **options,
        )
        self.input_dropout = input_dropout
        self.supports_edge_weight = all(forward_takes(conv, "edge_weight") for conv in self.convs)  # type: ignore[misc]
        self.supports_edge_attr = all(forward_takes(conv, "edge_attr") for conv in self.convs)  # type: ignore[misc]
        self._takes_generator = all(forward_takes(conv, "generator") for conv in self.convs)

    def init_conv(self, in_channels: int, out_channels: int, **kwargs: Any) -> nn.Module:  # type: ignore[override]
        """Return the convolution of a layer; called by PyG's ``BasicGNN``."""
        is_output = getattr(self, "_is_conv_to_out", False)  # set by BasicGNN before the last layer
        return make_conv(kwargs.pop("backbone"), in_channels, out_channels, is_output=is_output, **kwargs)

    def reset_parameters(self) -> None:
        """Initialise all parameters again."""
        for child in self.children():
            reset(child)

    @property
    def gates(self) -> nn.ParameterDict:
        """Gates :math:`g` of the layers, :math:`(L,)`, by relation as in ``further_relations.convs``."""
        return self.further_relations.gates

    def forward(
        self,
        x: Tensor,
        edge_index: Tensor | Sequence[Tensor],
        edge_weight: Tensor | Sequence[Tensor | None] | None = None,
        edge_attr: Tensor | Sequence[Tensor | None] | None = None,
        batch: Tensor | None = None,
        batch_size: int | None = None,
        num_sampled_nodes_per_hop: list[int] | None = None,
        num_sampled_edges_per_hop: list[int] | None = None,
        *,
        relations: Mapping[str, Sequence[Graph]] | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Node embeddings or class scores (logits), :math:`(|\\mathcal{V}|, C)`.

        Args:
            x: Features, :math:`(|\\mathcal{V}|, F)`, dense or sparse; if most are 0, a sparse COO tensor trains much
                faster. CSR is converted to COO in each call.
            edge_index: A graph without self-loops, :math:`(2, M)`, int64 or int32, or PyG's ``adj_t``; or a list with
                one graph per layer.
            edge_weight: Edge weights, at least 0, :math:`(M,)`, of any numeric dtype, or a list with one per layer;
                None for 1 everywhere.
            edge_attr: Edge features for backbones that take them, :math:`(M, D)`, or a list with one per layer.
            batch: Graph of each node, :math:`(|\\mathcal{V}|,)`, for norms that need it.
            batch_size: Number of graphs, for the same norms.
            num_sampled_nodes_per_hop: Numbers of nodes that ``NeighborLoader`` sampled; each layer then omits nodes
                and edges that no longer matter.
            num_sampled_edges_per_hop: Numbers of edges, likewise.
            relations: The graph of each layer by the name of the relation, for the relations of the model other than
                ``kept`` and ``self``, see :func:`~torque_core.nn.relation_graphs`. A missing one has no edges.
            generator: Generator of the dropout masks, on the device of ``x``; None for torch's global one. It is passed
                on to convolutions whose forward has an argument ``generator``, such as the attention dropout of
                ``gat``. Other convolutions with internal dropout draw from the global generator.

        Raises:
            BadConfig: If a number of graphs or a shape does not fit, or the backbone takes no edge weights or features.
        """
        graphs = graphs_of_layers(edge_index, edge_weight, self.num_layers)
        attributes = one_per_layer(edge_attr, self.num_layers, "edge_attr")
        check_supported(self, graphs, attributes)
        x = dropout(x, self.input_dropout, training=self.training, generator=generator)
        hidden = []
        for layer, (graph, attribute) in enumerate(zip(graphs, attributes, strict=True)):
            if num_sampled_nodes_per_hop and num_sampled_edges_per_hop and layer:
                x = x[: x.size(0) - num_sampled_nodes_per_hop[-layer]]
                graph, attribute = without_last_edges(graph, attribute, sum(num_sampled_edges_per_hop[-layer:]))
            others = {name: graphs[layer] for name, graphs in (relations or {}).items()}
            x = self._layer(layer, x, graph, attribute, others, generator)
            if layer < self.num_layers - 1 or self.jk_mode:
                x = self._activate(layer, x, batch, batch_size)
                x = dropout(x, self.dropout.p, training=self.training, generator=generator)
                hidden.append(x)
        return self._read_out(x, hidden)

    @torch.no_grad()
    def inference_per_layer(self, layer: int, x: Tensor, edge_index: Tensor, batch_size: int) -> Tensor:
        """Output of one layer for the first ``batch_size`` nodes; called by ``inference`` of PyG's ``BasicGNN``."""
        if self.directions != ("forth",):
            raise BadConfig(
                "inference by layers samples incoming edges, which directions other than ('forth',) need not"
            )
        x = self._layer(layer, x, graphs_of_layers(edge_index, None, 1)[0])[:batch_size]
        if layer < self.num_layers - 1 or self.jk_mode:
            x = self._activate(layer, x)
        return self._read_out(x, []) if layer == self.num_layers - 1 else x

    def _layer(
        self,
        layer: int,
        z: Tensor,
        graph: Graph,
        edge_attr: Tensor | None = None,
        others: Mapping[str, Graph] | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Output of a layer before norm and activation, (N, F')."""
        generator = generator if self._takes_generator else None
        x = convolve(self.convs[layer], z, graph, edge_attr, generator)
        x = self.further_relations(x, layer, z, {**(others or {}), "kept": graph}, edge_attr, generator)
        if self.egos:
            x = x + self.egos[layer](z)
        if self.skips:
            x = x + self.skips[layer](z)
        return x

    def _activate(self, layer: int, x: Tensor, batch: Tensor | None = None, batch_size: int | None = None) -> Tensor:
        if self.act is not None and self.act_first:
            x = self.act(x)
        norm = self.norms[layer]
        x = norm(x, batch, batch_size) if self.supports_norm_batch else norm(x)
        return x if self.act is None or self.act_first else self.act(x)

    def _read_out(self, x: Tensor, hidden: list[Tensor]) -> Tensor:
        """The output of the last layer, or of the jumping knowledge over all layers."""
        if self.jk_mode is None:
            return x
        if self.jk_mode == "max":  # PyG stacks the layers in the last dimension, which takes more than twice as long
            x = torch.stack(hidden).amax(dim=0)
        out: Tensor = self.lin(x if self.jk_mode in ("last", "max") else self.jk(hidden))
        return out


def _skip(in_channels: int, out_channels: int) -> nn.Module:
    return nn.Identity() if in_channels == out_channels else FeatureMap(in_channels, out_channels, bias=False)
