"""Data sets: built in, sampled from a block model, or downloaded once.

Example:
    >>> dataset = load(DatasetSpec("davis"))
    >>> dataset.info.homophily, dataset.names[:2]
    (0.0, ('Evelyn Jefferson', 'Laura Mandeville'))
"""

from torque_core.datasets.block_model import BlockModel, sample_block_model
from torque_core.datasets.files import data_root
from torque_core.datasets.info import DatasetInfo, SplitScheme
from torque_core.datasets.load import LoadedDataset, download, is_local, load
from torque_core.datasets.registry import DATASETS
from torque_core.datasets.spec import DatasetSpec
from torque_core.datasets.splits import Split, stratified_split

__all__ = [
    "DATASETS",
    "BlockModel",
    "DatasetInfo",
    "DatasetSpec",
    "LoadedDataset",
    "Split",
    "SplitScheme",
    "data_root",
    "download",
    "is_local",
    "load",
    "sample_block_model",
    "stratified_split",
]
