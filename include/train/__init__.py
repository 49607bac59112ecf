"""Small training runs: what a release is worth, shown by models trained on it."""
