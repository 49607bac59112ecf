"""Recipes: one YAML file each, what to ask a teacher for and what its answer must hold."""
