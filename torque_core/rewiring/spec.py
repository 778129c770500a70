"""Specification of a rewiring."""

import math
from dataclasses import dataclass

from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import PRODUCTS
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["AUTO", "HIERARCHIES", "RewireSpec"]

AUTO = "auto"
"""Value of lever and force for their automatic choice, see :func:`~torque_core.rewiring.auto.choose_form`."""

HIERARCHIES = ("independent", "nested")


@dataclass(frozen=True, kw_only=True)
class RewireSpec:
    """Specification of a rewiring: the options of :func:`~torque_core.rewiring.rewire.rewire`.

    It is immutable and hashable, so it can be a cache key.

    Attributes:
        lever: A name in :data:`~torque_core.scoring.levers.LEVERS`, or ``auto`` for an automatic choice, see
            :func:`~torque_core.rewiring.auto.choose_form`.
        force: A name in :data:`~torque_core.scoring.forces.FORCES`, or ``auto``.
        product: A name in :data:`~torque_core.scoring.torque.PRODUCTS`.
        screen: If True, features are propagated over edges weighted by a confidence that is estimated from the features
            of their ends alone, so that inserted edges do not hide each other, see
            :func:`~torque_core.rewiring.screening.screen_by_features`.
        cut: A name in :data:`~torque_core.rewiring.cuts.CUTS`.
        fraction: Fraction of the edges that the cut ``fixed`` prunes, in [0, 1].
        budget: Number of edges that the cut ``budget`` prunes in each layer.
        weight_by_confidence: If True, the weights of kept edges are multiplied by the edge confidence if the cut rule
            estimates one, as ``bounded_gap`` and ``gap`` do.
        add: A name in :data:`~torque_core.rewiring.additions.ADDITIONS`.
        additions: Maximum number of added edges per pruned edge, in [0, 2].
        hops: Candidate edges include pairs of nodes at a distance of 2 to ``hops`` hops; from 2 to 4.
        layers: Number of layers, 1 to 16; each has its own graph.
        hierarchy: Edges that each layer scores. ``independent``: all edges of the input graph, with the features
            propagated over the graph of the previous layer, so that an edge pruned by one layer may be kept by the
            next. ``nested``: the edges of the graph of the previous layer, so that a pruned edge remains pruned unless
            a later layer adds it again.
        temperature: Temperature of the force ``free``, in [0.01, 100].
        confidence: Smallest class probability that gives a node a pseudo-label, for the force ``disparity``, in
            [0, 1].
        seed: Random seed for the sampled null-model pairs and for the candidate search.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> RewireSpec(cut="fixed", fraction=0.2).layers
        2
    """

    lever: str = spec_field(
        "structural",
        title="lever arm",
        choices=lambda: (*LEVERS, AUTO),
        help="Structural distance between the two ends.",
    )
    force: str = spec_field(
        "energy",
        title="force",
        choices=lambda: (*FORCES, AUTO),
        help="Energy of the edge, from features or classes.",
    )
    product: str = spec_field(
        "scalar", title="product", choices=PRODUCTS, help="How lever arm and force are multiplied."
    )
    screen: bool = spec_field(
        True,
        title="screen edges by features",
        help="Propagate features over edges weighted by a confidence estimated from the features of their ends.",
    )
    cut: str = spec_field(
        "bounded_gap", title="cut rule", choices=lambda: CUTS, help="How the torque threshold is chosen."
    )
    fraction: float = spec_field(
        0.1,
        title="fraction to prune",
        low=0,
        high=1,
        unit="fraction",
        help="Fraction of edges pruned by the cut `fixed`.",
    )
    budget: int = spec_field(
        100,
        title="edges to prune",
        low=0,
        high=math.inf,
        unit="edges",
        help="Edges pruned per layer by the cut `budget`.",
    )
    weight_by_confidence: bool = spec_field(
        True,
        title="weight kept edges by confidence",
        help="Multiply the weights of kept edges by the edge confidence, if the cut rule estimates one.",
    )
    add: str = spec_field(
        "budget", title="rule for additions", choices=lambda: ADDITIONS, help="How added edges are chosen."
    )
    additions: float = spec_field(
        0.25, title="additions", low=0, high=2, unit="fraction", help="Edges added at most, per pruned edge."
    )
    hops: int = spec_field(
        2,
        title="hops to candidates",
        low=2,
        high=4,
        unit="hops",
        help="Candidate edges join nodes at most this far apart.",
    )
    layers: int = spec_field(2, title="layers", low=1, high=16, help="Number of layers, each with its own graph.")
    hierarchy: str = spec_field(
        "independent",
        title="hierarchy",
        choices=HIERARCHIES,
        help="`independent`: each layer rewires the input graph; `nested`: the graph of the previous layer.",
    )
    temperature: float = spec_field(
        1.0, title="temperature", low=0.01, high=100, help="Temperature of the force `free`."
    )
    confidence: float = spec_field(
        0.9,
        title="pseudo-label confidence",
        low=0,
        high=1,
        unit="fraction",
        help="Class probability from which a node gets a pseudo-label.",
    )
    seed: int = 0

    @classmethod
    def of(cls, spec: "RewireSpec | None", **options: str | float) -> "RewireSpec":
        """Return the given spec, or one with the given options and defaults for the others.

        Raises:
            TypeError: If both are given, the spec is not a RewireSpec, or an option is unknown.
            BadConfig: If an option is out of range.

        Example:
            >>> RewireSpec.of(None, layers=1) == RewireSpec(layers=1)
            True
            >>> RewireSpec.of("gap")
            Traceback (most recent call last):
            ...
            TypeError: spec must be a RewireSpec, got 'gap'; give options by name instead, such as cut='gap'
        """
        if spec is None:
            return cls(**options)  # type: ignore[arg-type]
        if not isinstance(spec, cls):
            hint = f"cut={spec!r}" if isinstance(spec, str) and spec in CUTS else "layers=1"
            raise TypeError(f"spec must be a RewireSpec, got {spec!r}; give options by name instead, such as {hint}")
        if options:
            raise TypeError(
                f"give a RewireSpec or options by name, not both; dataclasses.replace(spec, {next(iter(options))}=...) "
                "changes an option of a spec"
            )
        return spec

    @property
    def learned(self) -> bool:
        """True if the cut or the addition rule is learned in training, see :class:`~torque_core.nn.TorqueGate`."""
        return CUTS.properties(self.cut).learned or ADDITIONS.properties(self.add).learned

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a value is out of range."""
        check_fields(self)
        check_seed(self.seed)
