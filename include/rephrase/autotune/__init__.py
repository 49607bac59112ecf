"""Finds the engine settings under which a teacher makes the most accepted text per GPU-hour."""
