"""The runner that folds a partition, and the drivers that feed it."""
