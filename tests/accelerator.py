"""A stand-in for a GPU on machines without one: tensors on another device that are computed on the CPU underneath.

Inside ``with Accelerator():`` tensors moved to :data:`DEVICE` report that device. As on a GPU, an operation on tensors
of both devices is an error, and so is a sample for one device from a generator of the other, or ``numpy()`` without
``cpu()``. Tensors in a sparse layout report the CPU, but count as tensors of the accelerator as well.
"""

from contextlib import ExitStack
from typing import Self
from unittest.mock import patch

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

DEVICE = torch.device("meta")  # a device that every build of torch knows, and for which it computes nothing itself
_COPIES = ("aten.copy_", "aten._to_copy")
_TO_NUMBERS = ("aten._local_scalar_dense", "aten.equal", "aten.is_nonzero")


class AcceleratorTensor(Tensor):
    """A tensor that reports the accelerator as its device; ``values`` are on the CPU."""

    @staticmethod
    def __new__(cls, values: Tensor) -> Self:
        return Tensor._make_wrapper_subclass(
            cls,
            values.size(),
            strides=values.stride(),
            storage_offset=values.storage_offset(),
            dtype=values.dtype,
            device=DEVICE,
            requires_grad=values.requires_grad,
        )

    def __init__(self, values: Tensor) -> None:
        self.values_on_cpu = values

    def __repr__(self) -> str:
        return f"AcceleratorTensor({self.values_on_cpu})"

    def tolist(self) -> list:
        """Python numbers, which torch does not return for a subclass."""
        return self.values_on_cpu.tolist()

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise RuntimeError(f"{func} of a tensor on the accelerator outside of `with Accelerator():`")


class _Generator(torch.Generator):
    """A generator of the accelerator."""

    device = DEVICE


class _Calls(TorchFunctionMode):
    """Calls as they are in Python; dispatched operations show neither lists of numbers nor the class of a generator."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and kwargs.get("device") is not None:
            device = kwargs.pop("device")
            return func(*args, **kwargs).to(device)
        generator = kwargs.get("generator")
        if generator is not None:
            tensors = [value for value in (*args, *kwargs.values()) if isinstance(value, Tensor)]
            device = kwargs.get("device") or (tensors[0].device if tensors else "cpu")
            if torch.device(device) != generator.device:
                raise RuntimeError(f"Expected a generator of {device} in {func}, got one of {generator.device}")
        return func(*args, **kwargs)


class Accelerator(TorchDispatchMode):
    """Context in which the accelerator exists."""

    def __init__(self) -> None:
        super().__init__()
        self._sparse: dict[int, Tensor] = {}  # by identity; the tensors stay alive as long as the context

    def __enter__(self) -> Self:
        make = torch.Generator
        self._contexts = ExitStack()
        self._contexts.enter_context(
            patch(
                "torch.Generator", lambda device="cpu": _Generator() if torch.device(device) == DEVICE else make(device)
            )
        )
        self._contexts.enter_context(_Calls())
        return super().__enter__()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._contexts.close()

    def holds(self, value: object) -> bool:
        """Return whether a value is a tensor on the accelerator."""
        return isinstance(value, AcceleratorTensor) or id(value) in self._sparse

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        leaves, name = tree_leaves((args, kwargs)), str(func)
        inputs = [leaf for leaf in leaves if isinstance(leaf, AcceleratorTensor)]
        on_accelerator = any(map(self.holds, leaves))
        on_cpu = [leaf for leaf in leaves if isinstance(leaf, Tensor) and not self.holds(leaf)]
        if on_accelerator and any(tensor.dim() for tensor in on_cpu) and not name.startswith(_COPIES):
            raise RuntimeError(f"Expected all tensors to be on the same device in {name}")
        if kwargs.get("device") is not None:
            on_accelerator = torch.device(kwargs["device"]) == DEVICE
            kwargs["device"] = torch.device("cpu")
        result = func(*tree_map(_on_cpu, args), **tree_map(_on_cpu, kwargs))
        if name.startswith("aten.copy_"):
            return args[0]
        if not on_accelerator or name.startswith(_TO_NUMBERS):
            return result
        known = {id(tensor.values_on_cpu): tensor for tensor in inputs}  # results of operations in place
        return tree_map(lambda value: known[id(value)] if id(value) in known else self._moved(value), result)

    def _moved(self, value: object) -> object:
        if not isinstance(value, Tensor) or isinstance(value, AcceleratorTensor):
            return value
        if value.layout == torch.strided:
            return AcceleratorTensor(value)
        self._sparse[id(value)] = value
        return value


def _on_cpu(value: object) -> object:
    return value.values_on_cpu if isinstance(value, AcceleratorTensor) else value
