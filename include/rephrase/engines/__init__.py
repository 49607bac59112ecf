"""Engines: they turn requests into results, in any order, each under its key."""
