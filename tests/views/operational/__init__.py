"""Operational, by mouse and keys on the real window."""
