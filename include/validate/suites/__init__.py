"""What is expected of each layer: one suite a file, written for Great Expectations Core."""
