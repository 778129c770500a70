import threading

import pytest
import torch

from pages.shared.core import gpu_lock


@pytest.mark.parametrize(("device", "alone"), [("cpu", False), ("cuda", True), ("mps", True)])
def test_computations_are_one_after_another_on_a_gpu_only(monkeypatch, device, alone):
    monkeypatch.setattr(gpu_lock, "pick_device", torch.device)
    entered = threading.Event()

    def other() -> None:
        with gpu_lock.exclusive_gpu(device):
            entered.set()

    thread = threading.Thread(target=other)
    with gpu_lock.exclusive_gpu(device):
        thread.start()
        assert entered.wait(0.2) is not alone
    thread.join(5)
    assert entered.is_set()


def test_it_is_free_again_after_an_error(monkeypatch):
    monkeypatch.setattr(gpu_lock, "pick_device", torch.device)
    with pytest.raises(ValueError, match="broken"), gpu_lock.exclusive_gpu("cuda"):
        raise ValueError("broken")
    with gpu_lock.exclusive_gpu("cuda"):
        pass
