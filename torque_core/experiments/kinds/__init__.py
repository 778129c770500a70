"""The kinds of experiments that a study can run."""
