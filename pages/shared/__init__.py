"""What the pages share: settings and their link, cached answers of the core, background trainings."""
