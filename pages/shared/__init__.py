"""What the pages share: settings and their link, cached answers of the core, background trainings."""

import torque_core  # noqa: F401 - before torch, as it says there: a page of a fresh server runs before app.py does
