"""Who acts: a signed-in person (or program) of one organisation."""

from __future__ import annotations

from dataclasses import dataclass

from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store


@dataclass(frozen=True)
class Actor:
    """Somebody who asks for something, through one face, in one organisation.

    ``permissions`` are those at sign-in; the door asks the roles as they are now.
    """

    store: Store
    organisation_id: int
    user_id: int | None
    name: str
    role: str
    permissions: frozenset[str]
    origin: Origin = Origin.DESK

    def may(self, permission: str) -> bool:
        """Whether the actor holds *permission* today."""
        if self.user_id is None:
            return permission in self.permissions
        granted = self.store.catalogue(self.organisation_id).permissions_of(self.user_id)
        return permission in granted

    def require(self, permission: str) -> None:
        """Raise ``NotAllowed`` unless the actor holds *permission*."""
        if not self.may(permission):
            raise NotAllowed(permission)
