"""The steps of the lesson in order, by their names in the URL."""

from pages.shared.lesson.step import Step
from pages.shared.lesson.steps_rewiring import REWIRING_STEPS
from pages.shared.lesson.steps_torque import TORQUE_STEPS

__all__ = ["STEPS"]

STEPS: dict[str, Step] = {step.name: step for step in (*TORQUE_STEPS, *REWIRING_STEPS)}
