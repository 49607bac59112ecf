"""From accepted generations to a versioned corpus: mix, dataset card, release."""
