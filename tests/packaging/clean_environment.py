"""Environments that hold a wheel and what its metadata declares, and nothing else."""

import os
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement


def requirements(wheel: Path, extras: tuple[str, ...] = ()) -> list[Distribution]:
    """The installed distributions that a wheel needs, with theirs in turn."""
    found: dict[str, Distribution] = {}
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        own = PathDistribution(__import__("zipfile").Path(archive, name.removesuffix("METADATA")))
        open_ends = [(own, extra) for extra in ("", *extras)]
        known = {("", own.name)}
        while open_ends:
            parent, extra = open_ends.pop()
            for text in parent.requires or ():
                requirement = Requirement(text)
                if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                    continue
                child = own if requirement.name == own.name else distribution(requirement.name)
                assert child is own or requirement.specifier.contains(child.version, prereleases=True), text
                found |= {} if child is own else {child.name: child}
                for wanted in ("", *requirement.extras):
                    if (wanted, child.name) not in known:
                        known.add((wanted, child.name))
                        open_ends.append((child, wanted))
    return list(found.values())


def make(folder: Path, wheel: Path, extras: tuple[str, ...] = ()) -> Path:
    """An environment with the wheel installed by pip, and links to what it needs; the path of its Python.

    Links to the packages of this environment spare the minutes that installing torch again takes.
    """
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    paths = sysconfig.get_paths("venv", {"base": str(folder), "platbase": str(folder)})
    site = Path(paths["purelib"])
    for needed in requirements(wheel, extras):
        for top in {file.parts[0] for file in needed.files or ()} - {"..", "__pycache__"}:
            source = Path(str(needed.locate_file(top)))
            if source.exists() and not (site / top).exists():
                (site / top).symlink_to(source, target_is_directory=source.is_dir())
    command = ["-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, *command], check=True, timeout=120)
    return python
