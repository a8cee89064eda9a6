"""Rows: fields, indexes, constraints. Nothing here decides."""
