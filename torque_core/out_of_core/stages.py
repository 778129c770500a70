"""Stages of a rewiring in files: each is a number of tasks that do not depend on each other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torque_core.out_of_core.feature_blocks import centre_block, norm_block, sum_block
from torque_core.out_of_core.layer_result import cut_layer, write_block
from torque_core.out_of_core.plan import StorePlan
from torque_core.out_of_core.propagate import count_block, degree_block, propagate_block
from torque_core.out_of_core.screen import distance_block, screen_layer
from torque_core.out_of_core.tile_scores import score_block
from torque_core.out_of_core.tiles import part_edges, tile_edges
from torque_core.out_of_core.workspace import Workspace

__all__ = ["Stage", "is_done", "run_task", "stages_of"]


@dataclass(frozen=True)
class Stage:
    """A step of the rewiring.

    Attributes:
        name: Name, also that of its marks in the working files.
        title: The step in words, for a progress bar.
        tasks: Number of tasks.
        run: Runs a task, given the working files and its number.
        cost: Time of all its tasks, roughly, in the unit of the other stages.
        discards: Patterns of the names of arrays that are not needed after the stage.
    """

    name: str
    title: str
    tasks: int
    run: Callable[[Workspace, int], None]
    cost: float
    discards: tuple[str, ...] = ()


def stages_of(plan: StorePlan) -> list[Stage]:
    """The stages of a rewiring in their order."""
    blocks = plan.blocks
    values, edges = plan.num_nodes * plan.num_features / 1e8, plan.num_rows / 1e8  # seconds, to a factor
    passes = 6 * edges * plan.num_features / 64 + 2 * blocks * values / 10
    stages = [
        Stage("sums", "read features", blocks, sum_block, values),
        Stage("norms", "read features", blocks, norm_block, values),
        Stage("x", "centre features", blocks, centre_block, 2 * values),
        Stage("parts", "read edges", len(plan.parts), part_edges, 25 * edges),
        Stage("tiles", "sort edges", blocks, tile_edges, 35 * edges),
    ]
    for layer in range(plan.spec.layers):
        of = f"layer {layer + 1}"
        stages.append(Stage(f"{layer}-neighbours", f"{of}: degrees", blocks, _in_layer(count_block, layer), edges))
        if plan.spec.screen:
            stages += [
                Stage(f"{layer}-distance", f"{of}: screen", blocks, _in_layer(distance_block, layer), 2 * passes),
                Stage(f"{layer}-screen", f"{of}: screen", 1, _of_layer(screen_layer, layer), 10 * edges),
            ]
        stages += [
            Stage(f"{layer}-degree", f"{of}: degrees", blocks, _in_layer(degree_block, layer), 2 * edges),
            Stage(f"{layer}-mean1", f"{of}: propagate", blocks, _in_layer(propagate_block, layer, depth=1), 3 * passes),
            Stage(f"{layer}-mean2", f"{of}: propagate", blocks, _in_layer(propagate_block, layer, depth=2), 3 * passes),
            Stage(f"{layer}-torque", f"{of}: torques", blocks, _in_layer(score_block, layer), 12 * passes),
            Stage(f"{layer}-cut", f"{of}: cut", 1, _of_layer(cut_layer, layer), 40 * edges, (f"{layer}/mean*",)),
            Stage(
                f"{layer}-write",
                f"{of}: write",
                blocks,
                _in_layer(write_block, layer),
                30 * edges,
                (f"{layer}/torque/*", f"{layer}/distance/*"),
            ),
        ]
    return stages


def _in_layer(step: Callable[..., None], layer: int, **options: int) -> Callable[[Workspace, int], None]:
    return lambda work, block: step(work, layer, block, **options)


def _of_layer(step: Callable[[Workspace, int], None], layer: int) -> Callable[[Workspace, int], None]:
    return lambda work, _: step(work, layer)


def is_done(work: Workspace, stage: Stage, task: int) -> bool:
    """True if the task was completed, by this program or by one before it."""
    return _mark(work, stage, task).exists()


def run_task(folder: str, name: str, task: int) -> None:
    """Run a task unless it is done; its only input and output are the files in the folder."""
    work = Workspace(Path(folder))
    stage = next(stage for stage in stages_of(work.plan) if stage.name == name)
    if not is_done(work, stage, task):
        stage.run(work, task)
        mark = _mark(work, stage, task)
        mark.parent.mkdir(exist_ok=True)
        mark.touch()


def _mark(work: Workspace, stage: Stage, task: int) -> Path:
    return work.files.folder / "done" / f"{stage.name}-{task}"
