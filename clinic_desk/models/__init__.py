"""Rows: fields, indexes, constraints. Nothing here decides.

peewee imports every driver that it finds, and psycopg takes longer than all else that a desk
with a file needs before its window stands. So peewee is first imported as if psycopg were not
there; :mod:`clinic_desk.models.server` brings it when a server is asked for.
"""

import sys

if "peewee" not in sys.modules and "psycopg" not in sys.modules:
    sys.modules["psycopg"] = None  # type: ignore[assignment]  # so that its import fails, once
    try:
        import peewee as peewee
    finally:
        del sys.modules["psycopg"]
