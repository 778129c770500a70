"""A graph neural network with a separate graph for each layer."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn.inits import reset
from torch_geometric.nn.models.basic_gnn import BasicGNN

from torque_core.errors import BadConfig
from torque_core.nn.backbones import CONVERTING_CONVS, Backbone, forward_takes, make_conv
from torque_core.nn.dropout import dropout
from torque_core.nn.layer_graphs import Graph, graphs_of_layers, one_per_layer
from torque_core.nn.sparse_features import FeatureMap

__all__ = ["RELATIONS", "TorqueGNN"]

RELATIONS = (("kept",), ("kept", "pruned"))
"""Relations that a model can use: the edges of the rewired graph alone, or the pruned edges as well."""

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
        relations: ``("kept",)``, or ``("kept", "pruned")`` to use pruned edges as a separate relation.
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
        relations: tuple[str, ...] = ("kept",),
        **options: Any,
    ) -> None:
        _check_numbers(in_channels, hidden_channels, num_layers, out_channels, dropout, input_dropout)
        if isinstance(act, type) or not (act is None or isinstance(act, str) or callable(act)):
            raise BadConfig(f"act must be a name, a function or None, got {act!r}")
        if jk not in _JK_MODES:
            raise BadConfig(f"jk must be one of {', '.join(map(str, _JK_MODES))}; got {jk!r}")
        if relations not in RELATIONS:
            raise BadConfig(f"relations must be one of {', '.join(map(str, RELATIONS))}; got {relations!r}")
        positional = in_channels, hidden_channels, num_layers, out_channels, dropout, act, act_first, act_kwargs
        try:
            # the convolutions come first, so that a seed initialises them alike whatever the other options are
            super().__init__(
                *positional, norm, norm_kwargs, jk, backbone=backbone, include_self=not separate, **options
            )
        except ValueError as error:  # PyG's, for an unknown name
            raise BadConfig(str(error)) from error
        last = hidden_channels if jk else self.out_channels
        widths = list(pairwise([in_channels, *[hidden_channels] * (num_layers - 1), last]))
        self.egos = nn.ModuleList(FeatureMap(*width, bias=False) for width in widths if separate)
        self.skips = nn.ModuleList(_skip(*width) for width in widths if residual)
        outputs = [not jk and layer == num_layers - 1 for layer in range(num_layers)]
        self.relation_convs = nn.ModuleDict(
            {
                name: nn.ModuleList(
                    make_conv(backbone, *width, include_self=False, is_output=is_output, **options)
                    for width, is_output in zip(widths, outputs, strict=True)
                )
                for name in relations[1:]
            }
        )
        self.gates = nn.ParameterDict({name: torch.zeros(num_layers) for name in relations[1:]})
        """Gates :math:`g` of the layers, :math:`(L,)`, by relation, except for ``kept``, which has none."""
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
        for gate in self.gates.values():
            nn.init.zeros_(gate)

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
                ``kept``: ``{"pruned": rewiring.pruned_graphs}``, see
                :attr:`~torque_core.rewiring.record.Rewiring.pruned_graphs`. A missing one has no edges.
            generator: Generator of the dropout masks, on the device of ``x``; None for torch's global one. It is passed
                on to convolutions whose forward has an argument ``generator``, such as the attention dropout of
                ``gat``. Other convolutions with internal dropout draw from the global generator.

        Raises:
            BadConfig: If a number of graphs or a shape does not fit, or the backbone takes no edge weights or features.
        """
        graphs = graphs_of_layers(edge_index, edge_weight, self.num_layers)
        attributes = one_per_layer(edge_attr, self.num_layers, "edge_attr")
        self._check_supported(graphs, attributes)
        x = dropout(x, self.input_dropout, training=self.training, generator=generator)
        hidden = []
        for layer, (graph, attribute) in enumerate(zip(graphs, attributes, strict=True)):
            if num_sampled_nodes_per_hop and num_sampled_edges_per_hop and layer:
                x = x[: x.size(0) - num_sampled_nodes_per_hop[-layer]]
                graph, attribute = _trimmed(graph, attribute, sum(num_sampled_edges_per_hop[-layer:]))
            others = {name: graphs[layer] for name, graphs in (relations or {}).items() if name in self.gates}
            x = self._layer(layer, x, graph, attribute, others, generator)
            if layer < self.num_layers - 1 or self.jk_mode:
                x = self._activate(layer, x, batch, batch_size)
                x = dropout(x, self.dropout.p, training=self.training, generator=generator)
                hidden.append(x)
        return self._read_out(x, hidden)

    @torch.no_grad()
    def inference_per_layer(self, layer: int, x: Tensor, edge_index: Tensor, batch_size: int) -> Tensor:
        """Output of one layer for the first ``batch_size`` nodes; called by ``inference`` of PyG's ``BasicGNN``."""
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
        x = self._convolve(self.convs[layer], z, graph, edge_attr, generator)
        for name, other in (others or {}).items():
            if other[0].size(1):
                conv = self.relation_convs[name][layer]  # type: ignore[index]  # a ModuleList
                x = x + self.gates[name][layer] * self._convolve(conv, z, other, None, generator)
        if self.egos:
            x = x + self.egos[layer](z)
        if self.skips:
            x = x + self.skips[layer](z)
        return x

    def _convolve(
        self, conv: nn.Module, z: Tensor, graph: Graph, edge_attr: Tensor | None, generator: torch.Generator | None
    ) -> Tensor:
        edge_index, weight = graph
        if not isinstance(conv, CONVERTING_CONVS):  # those convert themselves, and may cache the result
            edge_index, weight = edge_index.long(), None if weight is None else weight.to(z.dtype)
        # only options that are used, as not every backbone has them
        options: dict[str, object] = {} if weight is None else {"edge_weight": weight}
        if edge_attr is not None:
            options["edge_attr"] = edge_attr
        if self._takes_generator:
            options["generator"] = generator
        out: Tensor = conv(z, edge_index, **options)
        return out

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
        out: Tensor = self.lin(x if self.jk_mode == "last" else self.jk(hidden))
        return out

    def _check_supported(self, graphs: list[Graph], attributes: list[Tensor | None]) -> None:
        name = type(self.convs[0]).__name__
        if not self.supports_edge_weight and any(weight is not None for _, weight in graphs):
            raise BadConfig(
                f"backbone {name} takes no edge_weight; use gcn, sage, gat or a class whose forward does, or omit it"
            )
        if not self.supports_edge_attr and any(attribute is not None for attribute in attributes):
            raise BadConfig(f"backbone {name} takes no edge_attr; use a class whose forward does, or omit it")


def _skip(in_channels: int, out_channels: int) -> nn.Module:
    return nn.Identity() if in_channels == out_channels else FeatureMap(in_channels, out_channels, bias=False)


def _trimmed(graph: Graph, edge_attr: Tensor | None, count: int) -> tuple[Graph, Tensor | None]:
    """The graph without its last ``count`` edges, and their features."""
    edge_index, weight = graph
    kept = edge_index.size(1) - count
    weight, edge_attr = (None if value is None else value[:kept] for value in (weight, edge_attr))
    return (edge_index[:, :kept], weight), edge_attr


def _check_numbers(
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
