"""The command line: one module for each command, and what they share.

Nothing here is imported before its command is called, so that ``torque --help`` answers at once.
"""

__all__: list[str] = []
