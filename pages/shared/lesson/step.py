"""The parts of a lesson step."""

from collections.abc import Callable
from dataclasses import dataclass

from pages.shared.state.lesson_steps import STEP_SETTINGS, State

__all__ = ["Answer", "Question", "State", "Step", "changed"]


@dataclass(frozen=True)
class Answer:
    """An answer to choose from, with an explanation of why it is correct or not."""

    text: str
    explanation: str
    correct: bool = False


@dataclass(frozen=True)
class Question:
    """A question at the end of a step, with one correct answer."""

    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Step:
    """One page of the lesson.

    Attributes:
        name: Name in the URL; a key of :data:`~pages.shared.state.lesson_steps.STEP_SETTINGS`.
        title: Heading of the page.
        text: The explanation, in Markdown.
        prompt: What to look for in the picture, in one sentence.
        task: What the reader should do.
        is_done: Returns True if the task is done, given the initial and the current settings.
        feedback: Displayed when the task is done, with current settings in braces.
        controls: Names of the controls to draw, see :mod:`pages.shared.lesson.controls`.
        location: Where the same controls are in the app.
        page: The page of the app that has them.
        question: Question with answers.
        teacher_note: A note for teachers.
    """

    name: str
    title: str
    text: str
    prompt: str
    task: str
    is_done: Callable[[State, State], bool]
    feedback: str
    controls: tuple[str, ...]
    location: str
    page: str
    question: Question
    teacher_note: str

    @property
    def settings(self) -> State:
        """The initial settings of the step that differ from the defaults."""
        return STEP_SETTINGS[self.name]


def changed(key: str) -> Callable[[State, State], bool]:
    """Return a function that is True if a setting differs from its initial value.

    Example:
        >>> changed("rate")({"rate": 50}, {"rate": 60})
        True
    """
    return lambda before, now: now[key] != before[key]
