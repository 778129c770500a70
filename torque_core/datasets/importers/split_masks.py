"""Splits of the nodes into training, validation and test nodes that are stored in a file."""

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["PARTS", "SPLIT_COLUMNS", "masks_from_arrays", "masks_from_column", "part_of_title"]

PARTS = ("train", "val", "test")
"""Parts of a split."""
SPLIT_COLUMNS = ("split", "set", "partition", "fold", "subset")
"""Titles of columns that may name the part of each node."""
_PART_OF = {
    "train": "train", "training": "train", "tr": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val", "va": "val",
    "test": "test", "testing": "test", "te": "test",
}  # fmt: skip
_NO_PART = ("", "none", "unlabelled", "unlabeled", "unused", "-")
_MAX_SPLITS = 100


def part_of_title(title: str) -> str | None:
    """Return the part of the split that a column or an array contains by its title.

    Example:
        >>> part_of_title("train_mask"), part_of_title("is_valid"), part_of_title("testimony")
        ('train', 'val', None)
    """
    word = title.lower().replace(" ", "_").replace("-", "_")
    word = word.removeprefix("is_").removesuffix("_masks").removesuffix("_mask").removesuffix("_set")
    if word == title.lower() and word not in ("train", "val", "valid", "test", "is_train", "is_val", "is_test"):
        return None
    return _PART_OF.get(word)


def masks_from_column(cells: Sequence[object]) -> dict[str, np.ndarray] | None:
    """Convert a column that names the part of each node to masks; None if it contains anything else.

    Example:
        >>> masks = masks_from_column(["train", "Test", None, "valid"])
        >>> {part: mask.tolist() for part, mask in masks.items()}
        {'train': [True, False, False, False], 'val': [False, False, False, True], 'test': [False, True, False, False]}
    """
    words = [str(cell).strip().lower() if cell is not None else "" for cell in cells]
    parts = [_PART_OF.get(word) for word in words]
    if any(part is None and word not in _NO_PART for part, word in zip(parts, words, strict=True)):
        return None
    if not {"train", "test"} <= set(parts):
        return None
    return {name: np.array([part == name for part in parts]) for name in PARTS}


def masks_from_arrays(arrays: Mapping[str, np.ndarray], num_nodes: int) -> dict[str, np.ndarray]:
    """Convert arrays by part to masks, :math:`(|\\mathcal{V}|, S)` each, for :math:`S` splits.

    An array contains a mask, :math:`(|\\mathcal{V}|,)`, :math:`(|\\mathcal{V}|, S)` or :math:`(S, |\\mathcal{V}|)`, or
    the indices of the nodes.

    Raises:
        ValueError: If an array has another shape, an index is out of range, no node is in the training or test set, or
            a node is in two parts of a split.

    Example:
        >>> masks_from_arrays({"train": np.array([1, 0, 0]), "test": np.array([0, 0, 1])}, 3)["val"].tolist()
        [[False], [False], [False]]
    """
    masks = {part: _mask(part, arrays[part], num_nodes) for part in PARTS if part in arrays}
    splits = max((mask.shape[1] for mask in masks.values()), default=1)
    if any(mask.shape[1] not in (1, splits) for mask in masks.values()):
        raise ValueError("the masks of training, validation and test nodes have different numbers of splits")
    if splits > _MAX_SPLITS:
        raise ValueError(f"contains {splits:,} splits; the limit is {_MAX_SPLITS}")
    empty = np.zeros((num_nodes, splits), dtype=bool)
    masks = {part: masks[part] | empty if part in masks else empty for part in PARTS}
    common = np.sum([mask.astype(np.int8) for mask in masks.values()], axis=0) > 1
    if not (masks["train"].any(axis=0) & masks["test"].any(axis=0)).all():
        raise ValueError("a split has no training or no test nodes")
    if common.any():
        node = int(np.argwhere(common)[0, 0])
        raise ValueError(f"node {node:,} is in more than one of the training, validation and test sets")
    return masks


def _mask(part: str, array: np.ndarray, num_nodes: int) -> np.ndarray:
    if array.dtype.kind not in "biuf" or array.ndim not in (1, 2):
        raise ValueError(f"the {part} mask must contain truth values, got {array.dtype} of shape {array.shape}")
    if array.ndim == 1 and len(array) != num_nodes:
        if array.dtype.kind in "iu" and (array.size == 0 or (array.min() >= 0 and array.max() < num_nodes)):
            mask = np.zeros(num_nodes, dtype=bool)
            mask[array] = True
            return mask[:, None]
    elif array.ndim == 1:
        array = array[:, None]
    elif array.shape[0] != num_nodes:
        array = array.T
    if array.ndim != 2 or len(array) != num_nodes:
        raise ValueError(f"the {part} mask has shape {array.shape}, but there are {num_nodes:,} nodes")
    if not np.isin(array, (0, 1)).all():
        raise ValueError(f"the {part} mask must contain truth values, such as 0 and 1")
    return array.astype(bool)
