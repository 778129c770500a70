"""Background jobs: trainings and sweeps over noise levels."""
