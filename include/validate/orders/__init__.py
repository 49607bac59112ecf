"""Orders to a language model in the text that a teacher is given."""
