"""The door itself: two exchanges under the lock, nothing half done, permissions of today."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from clinic_desk.models.people import Patient
from clinic_desk.rules.errors import Refused
from clinic_desk.services import diary, transaction, work
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.work import Work, command
from tests.builders import Clinic
from tests.services.test_diary import book, booked


@command("Appointment Get All", action="test.rename")
def rename(work: Work, patient_id: int, *, name: str, fail: Exception | None = None) -> str:
    """A use case as small as can be."""
    (found,) = work.lock(work.locked_row(Patient, patient_id))
    row = work.found(Patient, found)
    work.change(row, last_name=name)
    if fail:
        raise fail
    return row.last_name


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_booking_takes_two_exchanges_under_the_lock(
    clinic: Clinic, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(clinic, actor)  # blocks of numbers, the catalogue, prepared statements
    exchanges: list[list[str]] = []
    real = transaction.PostgresqlTransaction._exchange

    def counted(self: Any, statements: Any) -> Any:
        exchanges.append([s.sql for s in statements])
        return real(self, statements)

    monkeypatch.setattr(transaction.PostgresqlTransaction, "_exchange", counted)
    booked(clinic, actor, clinic.span(11))

    under = [e for e in exchanges if e[0].startswith("BEGIN") or e[-1] == "COMMIT"]
    assert len(exchanges) == 3
    assert len(under) == 2


def test_a_refusal_in_the_middle_leaves_nothing(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(Refused):
        rename(actor, clinic.patient_id, name="New", fail=Refused("No."))

    assert clinic.store.rows("SELECT COUNT(*) FROM deed") == [(0,)]
    assert rename(actor, clinic.patient_id, name="Newer").value == "Newer"


def test_a_bug_in_the_middle_lets_the_next_one_in(clinic: Clinic, actor: Actor) -> None:
    with pytest.raises(ZeroDivisionError):
        rename(actor, clinic.patient_id, name="New", fail=ZeroDivisionError())

    assert rename(actor, clinic.patient_id, name="Newer").seq == 1


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_deed_rings_with_its_number(clinic: Clinic, actor: Actor) -> None:
    with psycopg.connect(clinic.store.url, autocommit=True) as ear:
        ear.execute("LISTEN clinic_desk")
        done = book(clinic, actor)
        heard = [n.payload for n in ear.notifies(timeout=5, stop_after=1)]

    assert heard == [f"{clinic.organisation_id}:{done.seq}"]


def test_every_command_names_a_permission_that_exists(clinic: Clinic) -> None:
    from clinic_desk.rules.permissions import ALL

    unknown = {p for a, p in work.PERMISSION_OF.items() if not a.startswith("test.")} - set(ALL)

    assert unknown == set()


def test_rows_survive_the_way_there_and_back(clinic: Clinic, actor: Actor) -> None:
    card = booked(clinic, actor)

    statement = r.by_id(Patient, clinic.organisation_id, clinic.patient_id)
    (found,) = clinic.store.rows(statement.sql, statement.parameters)

    assert r.row(Patient, found) == Patient.get_by_id(clinic.patient_id)
    assert diary.appointment(actor, card.id).span == clinic.span(10)
