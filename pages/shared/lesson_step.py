"""What a step of the lesson is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["GRAPH", "Answer", "Question", "State", "Step", "moved"]

State = Mapping[str, object]
"""Values of settings by their keys."""

GRAPH: State = {
    "nodes": 36,
    "classes": 3,
    "degree": 5.0,
    "homophily": 90,
    "signal": 2.0,
    "noise": "insert",
    "rate": 50,
    "seed": 0,
    "layers": 2,
    "node": 3,
    "device": "cpu",
}
"""The graph of the lesson: three groups, and half as many false links as it has true ones."""


@dataclass(frozen=True)
class Answer:
    """One of those to choose from, and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """What a reader can ask themselves after a step; one answer is right."""

    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Step:
    """One page of the lesson.

    Attributes:
        name: In the link.
        title: Over the page.
        text: What is new, in Markdown.
        look: Where to look in the picture, one sentence.
        task: What to do.
        done: Whether a reader has done it, by the settings that the step began with and those of now.
        did: What is said then, with the settings of now in braces.
        controls: Names of those that are drawn, see :mod:`pages.shared.lesson_controls`.
        where: Where these controls stand in the app.
        page: The page of the app that has them.
        question: With its answers.
        note: To the teacher.
        settings: What the step begins with, where it is not a default.
    """

    name: str
    title: str
    text: str
    look: str
    task: str
    done: Callable[[State, State], bool]
    did: str
    controls: tuple[str, ...]
    where: str
    page: str
    question: Question
    note: str
    settings: State


def moved(key: str) -> Callable[[State, State], bool]:
    """Whether a setting is another one than at the beginning.

    Example:
        >>> moved("rate")({"rate": 50}, {"rate": 60})
        True
    """
    return lambda before, now: now[key] != before[key]
