"""Clinic Desk: a desktop scheduler for clinics."""

__version__ = "0.1.0"
