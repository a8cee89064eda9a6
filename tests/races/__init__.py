"""Races for one slot: many processes, one truth. ``python -m tests.races --help``."""
