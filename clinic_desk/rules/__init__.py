"""Decisions, and nothing but decisions: no I/O, no clock, the standard library only."""
