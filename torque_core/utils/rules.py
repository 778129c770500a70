"""Registries of rules (levers, forces, cut rules, addition rules) that declare their properties."""

from collections.abc import Callable
from dataclasses import dataclass

from torque_core.utils.registry import F, Registry

__all__ = ["RuleProperties", "RuleRegistry"]


@dataclass(frozen=True, kw_only=True)
class RuleProperties:
    """Properties of a rule, declared when it is registered. The defaults promise nothing.

    Attributes:
        learned: Whether training replaces the rule's choice by a learned one, see :class:`~torque_core.nn.TorqueGate`.
        needs_labels: Whether the rule needs class probabilities, and so labels or a model.
        differentiable: Whether the values are differentiable with respect to the edge weights of the graph.
        keeps_confidence: Whether a cut rule estimates the confidence of the edges that it keeps.
        uniform_null: Whether a cut rule also uses null-model pairs whose ends are sampled uniformly.
        estimates_reliability: Whether a cut rule estimates its reliability, which limits that of the later layers.
        options: Names of the :class:`~torque_core.rewiring.spec.RewireSpec` fields that only this rule and others
            that declare them use.
    """

    learned: bool = False
    needs_labels: bool = False
    differentiable: bool = False
    keeps_confidence: bool = False
    uniform_null: bool = False
    estimates_reliability: bool = False
    options: tuple[str, ...] = ()


class RuleRegistry(Registry[F]):
    """A :class:`~torque_core.utils.registry.Registry` whose functions have :class:`RuleProperties`.

    Example:
        >>> cuts = RuleRegistry("cut")
        >>> @cuts.register("learned", learned=True)
        ... def learned_cut(inputs):
        ...     "Learn the threshold."
        >>> @cuts.register("plain")
        ... def plain_cut(inputs):
        ...     "Cut at one."
        >>> cuts.properties("learned").learned, cuts.properties("plain").learned
        (True, False)
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self._properties: dict[str, tuple[F, RuleProperties]] = {}

    def register(
        self,
        name: str,
        *,
        learned: bool = False,
        needs_labels: bool = False,
        differentiable: bool = False,
        keeps_confidence: bool = False,
        uniform_null: bool = False,
        estimates_reliability: bool = False,
        options: tuple[str, ...] = (),
    ) -> Callable[[F], F]:
        """Return a decorator that registers a function under this name, with its properties.

        Raises:
            BadConfig: If another function has this name.
        """
        properties = RuleProperties(
            learned=learned,
            needs_labels=needs_labels,
            differentiable=differentiable,
            keeps_confidence=keeps_confidence,
            uniform_null=uniform_null,
            estimates_reliability=estimates_reliability,
            options=options,
        )
        add_function = super().register(name)

        def add(function: F) -> F:
            self._properties[name] = add_function(function), properties
            return function

        return add

    def properties(self, name: str) -> RuleProperties:
        """Properties of the function with this name; the defaults if it was not registered by :meth:`register`.

        Raises:
            BadConfig: If there is no such function.
        """
        function = self.get_or_raise(name)
        registered, properties = self._properties.get(name, (None, RuleProperties()))
        return properties if registered is function else RuleProperties()

    def with_property(self, name: str) -> tuple[str, ...]:
        """Names of the functions that have a property, in the order of registration.

        Args:
            name: Name of an attribute of :class:`RuleProperties`.
        """
        return tuple(rule for rule in self if getattr(self.properties(rule), name))
