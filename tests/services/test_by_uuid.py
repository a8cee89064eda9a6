"""Records by their uuid, and what a program that books needs to know beforehand."""

from __future__ import annotations

import uuid

import pytest

from clinic_desk.rules import scopes
from clinic_desk.rules.errors import NotFound
from clinic_desk.services import by_uuid
from tests import builders


def test_what_is_anothers_is_as_unknown_as_what_nobody_has(clinic, actor):
    other = builders.a_clinic(clinic.store)
    visit = builders.an_appointment(other)
    rows = clinic.store.rows("SELECT uuid FROM appointment WHERE id = ?", (visit,))

    for number in (rows[0][0], str(uuid.uuid4())):
        with pytest.raises(NotFound):
            by_uuid.visit(actor, number)
        with pytest.raises(NotFound):
            by_uuid.patient(actor, number)
        with pytest.raises(NotFound):
            by_uuid.person(actor, number)


def test_a_scope_of_a_newer_program_grants_nothing():
    assert scopes.granted(["appointments:teleport"]) == frozenset()
    assert scopes.checked(["patients:write", "catalogue:read", "patients:write"]) == (
        "catalogue:read",
        "patients:write",
    )
