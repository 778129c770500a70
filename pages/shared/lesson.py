"""The lesson: its steps in order, by the names that their links have."""

from pages.shared.lesson_rewiring import REWIRING_STEPS
from pages.shared.lesson_step import State, Step
from pages.shared.lesson_torque import TORQUE_STEPS

__all__ = ["STEPS", "settings_of_step"]

STEPS: dict[str, Step] = {step.name: step for step in (*TORQUE_STEPS, *REWIRING_STEPS)}


def settings_of_step(page: str, step: object) -> State:
    """What a page's settings begin with, where that is not their defaults: those of the step, on the lesson's page."""
    return STEPS[str(step)].settings if page == "learn" else {}
