"""What a rewiring is asked for."""

import math
from dataclasses import dataclass

from torque_core.errors import BadConfig
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.torque import PRODUCTS
from torque_core.utils.random import check_seed
from torque_core.utils.validation import check_choices, check_ranges

__all__ = ["AUTO", "HIERARCHIES", "RewireSpec"]

AUTO = "auto"
"""For lever and force: whichever fits the graph, see :func:`~torque_core.rewiring.auto.choose_form`."""

HIERARCHIES = ("independent", "nested")

_RANGES = {
    "fraction": (0, 1),
    "budget": (0, math.inf),
    "additions": (0, 2),
    "hops": (2, 4),
    "layers": (1, 16),
    "temperature": (0.01, 100),
    "confidence": (0, 1),
}


@dataclass(frozen=True, kw_only=True)
class RewireSpec:
    """How to rewire: the input of :func:`~torque_core.rewiring.rewire.rewire`; also its cache key.

    Attributes:
        lever: A name in :data:`~torque_core.scoring.levers.LEVERS`, or ``auto``: the one that fits the graph, see
            :func:`~torque_core.rewiring.auto.choose_form`.
        force: A name in :data:`~torque_core.scoring.forces.FORCES`, or ``auto``.
        product: A name in :data:`~torque_core.scoring.torque.PRODUCTS`.
        cut: A name in :data:`~torque_core.rewiring.cuts.CUTS`.
        fraction: Share of the edges that the cut ``fixed`` prunes, in [0, 1].
        budget: Number of edges that the cut ``budget`` prunes in each layer.
        trust: Whether the edges that a cut leaves weigh as much as it trusts them. Of the cuts here ``gap`` alone has
            a say in that. Otherwise they weigh what they did.
        add: A name in :data:`~torque_core.rewiring.additions.ADDITIONS`.
        additions: At most so many links are added for each edge pruned, in [0, 2].
        hops: Candidates for new links are also sought among nodes 2 to so many hops apart, 2 to 4.
        layers: Number of layers, 1 to 16; each has its own graph.
        hierarchy: ``independent``: every layer judges the input graph's edges anew, in the light of the graph of
            the layer before; an edge may come back. ``nested``: it judges that graph's edges, and what is
            cut is not judged again; only as a new link of low torque may it return.
        temperature: Of the force ``free``, in [0.01, 100].
        confidence: A node gets a pseudo-label from this class probability upwards, for the force ``disparity``, in
            [0, 1].
        seed: Seed of the sampled chance pairs and of the search for candidates.

    Raises:
        BadConfig: A value that cannot be.

    Example:
        >>> RewireSpec(cut="fixed", fraction=0.2).layers
        2
    """

    lever: str = "structural"
    force: str = "dirichlet"
    product: str = "scalar"
    cut: str = "gap"
    fraction: float = 0.1
    budget: int = 100
    trust: bool = True
    add: str = "budget"
    additions: float = 0.25
    hops: int = 2
    layers: int = 2
    hierarchy: str = "independent"
    temperature: float = 1.0
    confidence: float = 0.9
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` for a value that cannot be."""
        check_choices(
            self,
            {
                "lever": (*LEVERS, AUTO),
                "force": (*FORCES, AUTO),
                "product": PRODUCTS,
                "cut": CUTS,
                "add": ADDITIONS,
                "hierarchy": HIERARCHIES,
            },
        )
        if type(self.trust) is not bool:
            raise BadConfig(f"trust must be True or False, got {self.trust!r}")
        check_ranges(self, _RANGES, whole=("budget", "hops", "layers"))
        check_seed(self.seed)
