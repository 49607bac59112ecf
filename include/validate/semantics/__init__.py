"""What sentence embeddings tell of a generation: how close its text is to its source, and to benchmark items."""
