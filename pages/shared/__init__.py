"""Packages shared by the pages: state, runs, core, background, frame, views and lesson, in order of dependency."""

import os

# The app sets this variable here and not in app.py, because a server that has just started may run a page before it
# runs app.py. It must be set before torch is loaded: OpenMP threads then wait for each other for microseconds instead
# of milliseconds before they release the processor. Otherwise other work on the machine slows the app down tenfold.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
