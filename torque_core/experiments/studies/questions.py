"""The question that each study answers, for readers; studies that only test the installation have none."""

from collections.abc import Iterable

__all__ = ["QUESTIONS", "TESTS", "question_of", "readable_studies"]

QUESTIONS = {
    "noise": "Does torque protect a GCN from random edges?",
    "noise_more": "Does torque protect other graphs from random edges?",
    "noise_deep": "Does torque protect a deep GCN from random edges?",
    "noise_heterophilous": "Is it worth finding random edges in heterophilous graphs?",
    "noise_kinds": "Does torque protect from other kinds of noise?",
    "attack_poisoning": "Does torque withstand attacks before training?",
    "attack_adaptive": "Does torque withstand an attacker who knows it?",
    "attack": "Did the former default settings withstand an attacker who knows them?",
    "default": "Are the default settings safe, and do they hold under noise and attack?",
    "default_gpr": "Do the default settings protect GPR-GNN from an attack?",
    "clean": "Does rewiring help on small clean graphs?",
    "clean_medium": "Does rewiring help on clean graphs of some thousand nodes?",
    "clean_large": "Does rewiring help on larger clean graphs?",
    "clean_others": "Does rewiring help on further clean graphs?",
    "clean_peers": "Do rewiring methods for heterophilous graphs, or sparsifiers, help on clean graphs?",
    "clean_relational": "Do pruned edges help as a relation of their own?",
    "relations": "What do direction, depth and torque each add on heterophilous graphs?",
    "clean_deep": "Does rewiring help a deep GCN?",
    "clean_separate": "Does rewiring help a GCN that separates a node from its neighbours?",
    "clean_gpr": "Does rewiring help GPR-GNN?",
    "clean_hops": "Does rewiring help FSGNN?",
    "clean_validated": "Can validation nodes decide whether to prune?",
    "labels": "Does torque help with few labels?",
    "pseudo_labels": "How wrong may pseudo-labels be?",
    "ablation": "What does each part of torque contribute?",
    "detection": "Which score finds injected edges?",
    "squashing": "Does rewiring relieve over-squashing?",
}
"""Question of each study by its key, in the order in which a reader may ask them."""
TESTS = ("smoke", "smoke_tuned")
"""Studies that test the installation and answer no question."""


def question_of(study: str) -> str:
    """Return the question of a study; for a study of one's own, its name as words.

    Example:
        >>> question_of("detection"), question_of("my_study")
        ('Which score finds injected edges?', 'My study')
    """
    return QUESTIONS.get(study) or study.replace("_", " ").capitalize()


def readable_studies(names: Iterable[str]) -> list[str]:
    """Return the studies that answer a question, in the order of :data:`QUESTIONS`, then others by name.

    Example:
        >>> readable_studies(["smoke", "mine", "clean", "noise"])
        ['noise', 'clean', 'mine']
    """
    order = list(QUESTIONS)
    shown = [name for name in names if name not in TESTS]
    return sorted(shown, key=lambda name: (order.index(name) if name in QUESTIONS else len(order), name))
