"""Run all tests: those in the browser beside the others, and browser tests that failed once more, alone.

``python -m tests.suite``; a browser test that passes only when it is run again is named in the closing lines.
"""

import json
import subprocess
import sys
from pathlib import Path

PYTEST = (sys.executable, "-m", "pytest")
BUILD = Path("build")
CACHE = BUILD / "browser-cache"
FAILED = CACHE / "v" / "cache" / "lastfailed"
TESTS_FAILED = 1


def main() -> int:
    """Return 0 if every test passed, at the second attempt at the latest."""
    BUILD.mkdir(exist_ok=True)
    FAILED.unlink(missing_ok=True)
    browser = (*PYTEST, "-m", "browser", "-o", f"cache_dir={CACHE}")
    with (BUILD / "browser-tests.txt").open("w+", encoding="utf-8") as output:
        beside = subprocess.Popen(browser, stdout=output, stderr=subprocess.STDOUT)
        try:
            status = subprocess.run((*PYTEST, "-m", "not browser"), check=False).returncode
            first = beside.wait()
        finally:
            beside.terminate()
        output.seek(0)
        print(output.read(), flush=True)
    if first != TESTS_FAILED:
        return status or first
    failed = failed_tests()
    print(f"Running {len(failed)} failed browser tests again, alone.", flush=True)
    again = subprocess.run((*browser, "--last-failed", "--last-failed-no-failures=none"), check=False).returncode
    passed = [name for name in failed if name not in failed_tests()]
    if passed and again in (0, TESTS_FAILED):
        print("Passed only when run again:", *passed, sep="\n  ", flush=True)
    return status or again


def failed_tests() -> list[str]:
    """Names of the browser tests that failed when they were last run."""
    return sorted(json.loads(FAILED.read_text(encoding="utf-8"))) if FAILED.is_file() else []


if __name__ == "__main__":
    sys.exit(main())
