"""Command line: ``torque COMMAND`` or ``python -m torque_core COMMAND``; ``--help`` explains each command."""

import sys
from collections.abc import Sequence

from torque_core.cli.parser import COMMANDS, parse
from torque_core.errors import BadConfig, TorqueError
from torque_core.utils.plugins import load_plugins
from torque_core.utils.terminal import run_program

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: Words of the command line; by default those of this process.

    Returns:
        0 if the command is done; 1 if it failed, with one line on standard error; 2 if a value is wrong; 130 after
        Ctrl-C.

    Raises:
        SystemExit: After ``--help`` and ``--version``, and with status 2 if the words cannot be parsed.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    return run_program(lambda: _run(words))


def _run(words: Sequence[str]) -> int:
    if not COMMANDS.keys().isdisjoint(words):
        load_plugins()
    try:
        options = parse(words)
        return int(options.run(options))
    except BrokenPipeError:
        raise
    except (TorqueError, OSError) as error:
        print(f"torque: {_text(error)}", file=sys.stderr)
        return 2 if isinstance(error, BadConfig) else 1


def _text(error: TorqueError | OSError) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror or error}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
