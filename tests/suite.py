"""Run all tests in parallel, then browser tests that failed once more, alone.

``python -m tests.suite``; a browser test that passes only when it is run again is named in the closing lines.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest")
CACHE = Path("build/test-cache")
FAILED = CACHE / "v" / "cache" / "lastfailed"
TESTS_FAILED = 1
PROCESSES = (os.cpu_count() or 1) + 1  # browser tests wait for the page about half of the time


def main() -> int:
    """Return 0 if every test passed, at the second attempt at the latest."""
    FAILED.unlink(missing_ok=True)
    # tests of one file share fixtures; conftest.py puts the longest files first, which must not be sorted anew
    parallel = ("-n", str(PROCESSES), "--dist", "loadfile", "--no-loadscope-reorder")
    first = run(*parallel)
    if first != TESTS_FAILED:
        return first
    failed = failed_tests()
    print("Running the browser tests that failed again, alone.", flush=True)
    again = run("-m", "browser", "--last-failed", "--last-failed-no-failures=none")
    remaining = failed_tests()
    if passed := [name for name in failed if name not in remaining]:
        print("Passed only when run again:", *passed, sep="\n  ", flush=True)
    return TESTS_FAILED if remaining else again


def run(*options: str) -> int:
    """Exit status of pytest with its results kept in ``CACHE``."""
    # what one process compiled, the others and those that tests start need not compile again
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run((*PYTEST, "-o", f"cache_dir={CACHE}", *options), check=False, env=environment).returncode


def failed_tests() -> list[str]:
    """Names of the tests that failed when they were last run."""
    return sorted(json.loads(FAILED.read_text(encoding="utf-8"))) if FAILED.is_file() else []


if __name__ == "__main__":
    sys.exit(main())
