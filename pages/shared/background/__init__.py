"""Background jobs: trainings and sweeps."""
