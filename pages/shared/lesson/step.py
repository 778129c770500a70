"""What a step of the lesson is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from pages.shared.state.lesson_steps import STEP_SETTINGS, State

__all__ = ["Answer", "Question", "Step", "moved"]


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
        name: In the link; a key of :data:`~pages.shared.state.lesson_steps.STEP_SETTINGS`.
        title: Over the page.
        text: What is new, in Markdown.
        look: Where to look in the picture, one sentence.
        task: What to do.
        done: Whether a reader has done it, by the settings that the step began with and those of now.
        did: What is said then, with the settings of now in braces.
        controls: Names of those that are drawn, see :mod:`pages.shared.lesson.controls`.
        where: Where these controls stand in the app.
        page: The page of the app that has them.
        question: With its answers.
        note: To the teacher.
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

    @property
    def settings(self) -> State:
        """The settings that the step begins with, where they are not defaults."""
        return STEP_SETTINGS[self.name]


def moved(key: str) -> Callable[[State, State], bool]:
    """Whether a setting is another one than at the beginning.

    Example:
        >>> moved("rate")({"rate": 50}, {"rate": 60})
        True
    """
    return lambda before, now: now[key] != before[key]
