"""How a demo clinic is told from a real one, without loading what makes it."""

from __future__ import annotations

from clinic_desk.services.store import Store

BETWEEN = " · "
"""Stands between the name, the role and the clinic of somebody."""

MARK = "demo"
"""The organisation's setting that says: this is no real clinic."""

PASSWORD = "demo-clinic"  # noqa: S105 - stated on purpose, for invented people


def users(store: Store) -> tuple[tuple[str, str], ...]:
    """Names to sign in with and who they are, clinic by clinic; nothing in a real database."""
    marked = store.rows(
        "SELECT organisation_id FROM setting WHERE name = ? AND user_id IS NULL"
        " ORDER BY organisation_id",
        (MARK,),
    )
    found = []
    for (number,) in marked:
        clinic = store.catalogue(number)
        for user in sorted(clinic.users.values(), key=lambda one: one.id):
            role = clinic.roles[user.role_id].name
            about = f"{user.display_name}{BETWEEN}{role}{BETWEEN}{clinic.organisation.name}"
            found.append((user.name, about))
    return tuple(found)
