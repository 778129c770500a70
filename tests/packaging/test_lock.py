import re
import subprocess
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def pins(text: str) -> dict[str, str]:
    """The version of each package that a file of requirements names."""
    lines = [line.removesuffix("\\").strip() for line in text.splitlines() if re.match("[A-Za-z]", line)]
    found = {}
    for requirement in map(Requirement, lines):
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        found[requirement.name.lower()] = pin.version
    return found


def test_the_lock_holds_every_requirement_with_hashes():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    wanted, locked = pins((ROOT / "requirements.txt").read_text("utf-8")), pins(lock)
    assert wanted.items() <= locked.items(), "run `make lock`"
    assert len(locked) > 3 * len(wanted)
    parts = re.split(r"\n(?=[a-z])", lock)[1:]
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}\b", part) for part in parts)


def test_the_lock_covers_every_platform():
    parts = re.split(r"\n(?=[a-z])", (ROOT / "requirements.lock").read_text("utf-8"))
    numpy = next(part for part in parts if part.startswith("numpy=="))
    assert numpy.count("--hash") > 20  # one for each version of Python, system and processor
    assert any("sys_platform == 'win32'" in part for part in parts)


def test_there_are_targets_for_the_lock_and_the_audit():
    done = subprocess.run(["make", "-n", "audit", "lock"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "pip_audit" in done.stdout
    assert "--generate-hashes" in done.stdout
