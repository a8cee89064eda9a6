"""The door itself: two exchanges under the lock, nothing half done, permissions of today."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from clinic_desk.models.diary import Appointment, CalendarEvent
from clinic_desk.models.people import Patient, Role, Setting, User
from clinic_desk.rules.conflicts import Kind
from clinic_desk.rules.errors import Conflicted, NotAllowed, Refused, Stale
from clinic_desk.rules.permissions import ALL
from clinic_desk.rules.spans import Span
from clinic_desk.services import chain, diary, events, journal, transaction, work
from clinic_desk.services import rows as r
from clinic_desk.services.actor import Actor
from clinic_desk.services.bulk import Who, loading
from clinic_desk.services.cards import Override
from clinic_desk.services.work import Work, command
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import book, booked, kinds


@command("Appointment Get All", action="test.rename")
def rename(work: Work, patient_id: int, *, name: str, fail: Exception | None = None) -> str:
    """A use case as small as can be."""
    (found,) = work.lock(work.locked_row(Patient, patient_id))
    row = work.found(Patient, found)
    work.change(row, last_name=name)
    if fail:
        raise fail
    return row.last_name


@command("Appointment Get All", action="test.twice")
def rename_twice(work: Work, patient_id: int, *, names: tuple[str, str]) -> None:
    """Changes one row in two steps."""
    (found,) = work.lock(work.locked_row(Patient, patient_id))
    work.change(work.found(Patient, found), last_name=names[0])
    work.change(work.found(Patient, found), last_name=names[1])


@command("Appointment Get All", action="test.blind")
def rename_blindly(work: Work, patient_id: int, *, version: int) -> None:
    """Writes what somebody else has written since."""
    (found,) = work.lock(work.locked_row(Patient, patient_id))
    row = work.found(Patient, found)
    row.version = version
    work.create(Setting, name="beside", value="1")
    work.change(row, last_name="New")


@command("Appointment Get All", action="test.put")
def put(work: Work, model: Any, number: int, *, span: Span) -> None:
    """Moves a visit or an event without asking whether the time is free."""
    (found,) = work.lock(work.locked_row(model, number))
    work.change(work.found(model, found), starts_at=span.starts_at, ends_at=span.ends_at)


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


def test_a_row_that_is_changed_twice_is_told_once(clinic: Clinic, actor: Actor) -> None:
    before = Patient.get_by_id(clinic.patient_id).last_name

    done = rename_twice(actor, clinic.patient_id, names=("New", "Newer"))

    (change,) = journal.deed(actor, done.seq).changes
    assert [(f.name, f.before, f.after) for f in change.fields] == [("last_name", before, "Newer")]
    assert Patient.get_by_id(clinic.patient_id).last_name == "Newer"


def test_what_came_back_to_where_it_was_is_touched_and_not_told(
    clinic: Clinic, actor: Actor
) -> None:
    before = Patient.get_by_id(clinic.patient_id).last_name

    done = rename_twice(actor, clinic.patient_id, names=("New", before))

    assert journal.deed(actor, done.seq).changes == ()
    assert done.changed == (("patient", clinic.patient_id),)


@pytest.mark.parametrize("kind", ["patient", "user_account"])
def test_changes_of_one_row_become_one(kind: str) -> None:
    from clinic_desk.services import deeds

    made = chain.Change(kind, 1, True, {}, {"a": 1, "uuid": "u"})
    changed = chain.Change(kind, 1, False, {"a": 1}, {"a": 2})
    gone = chain.Change(kind, 1, False, {"a": 2, "uuid": "u"}, {})

    assert deeds.merged([made, changed]) == [chain.Change(kind, 1, True, {}, {"a": 2, "uuid": "u"})]
    assert deeds.merged([made, changed, gone]) == []
    assert deeds.merged([changed, gone]) == [
        chain.Change(kind, 1, False, {"a": 1, "uuid": "u"}, {})
    ]
    assert deeds.merged([gone, made]) == [chain.Change(kind, 1, False, {"a": 2}, {"a": 1})]


def test_a_row_that_was_written_meanwhile_is_never_passed_over(
    clinic: Clinic, actor: Actor
) -> None:
    before = Patient.get_by_id(clinic.patient_id).last_name

    with pytest.raises(Stale):
        rename_blindly(actor, clinic.patient_id, version=7)

    assert Patient.get_by_id(clinic.patient_id).last_name == before
    assert Setting.select().count() == 0
    assert clinic.store.rows("SELECT COUNT(*) FROM deed") == [(0,)]
    assert rename(actor, clinic.patient_id, name="Newer").value == "Newer"


def test_time_that_only_the_database_saw_taken_is_refused_with_every_reason(
    clinic: Clinic, actor: Actor
) -> None:
    other = builders.a_patient(clinic)
    visit = booked(clinic, actor)
    booked(clinic, actor, clinic.span(14), patient_id=other)

    with pytest.raises(Conflicted, match=f"Smith{other}") as refusal:
        put(actor, Appointment, visit.id, span=clinic.span(14))

    assert kinds(refusal) == {Kind.PROVIDER, Kind.OPERATORY}


def test_so_is_an_events_time(clinic: Clinic, actor: Actor) -> None:
    event = events.add(actor, resource_id=clinic.provider_id, span=clinic.span(12), title="Tea")
    visit = booked(clinic, actor)

    with pytest.raises(Conflicted) as refusal:
        put(actor, CalendarEvent, event.value.id, span=clinic.span(10))

    (conflict,) = refusal.value.conflicts
    assert (conflict.kind, conflict.source_id, conflict.permission) == (
        Kind.PROVIDER,
        visit.id,
        None,
    )


def elsewhere(clinic: Clinic, kind: str, number: int, **fields: Any) -> None:
    """A change of the catalogue at another desk, which this one has not heard of."""
    model: Any = {"role": Role, "user_account": User}[kind]
    with loading(
        clinic.store,
        clinic.organisation_id,
        action=f"{kind}.change",
        who=Who("Administrator"),
        at=datetime.now(UTC).replace(microsecond=0),
    ) as load:
        model.update(**fields).where(model.id == number).execute()
        load.deed([chain.Change(kind, number, False, {"x": 1}, {"x": 2})])


def revoked(clinic: Clinic, actor: Actor) -> None:
    role_id = User.get_by_id(actor.user_id).role_id
    elsewhere(clinic, "role", role_id, permissions=json.dumps(["Appointment Get All"]))


def shut_out(clinic: Clinic, actor: Actor) -> None:
    assert actor.user_id is not None
    elsewhere(clinic, "user_account", actor.user_id, active=False)


def given_another_role(clinic: Clinic, actor: Actor) -> None:
    assert actor.user_id is not None
    role_id = builders.a_role(clinic, frozenset({"Appointment Get All"}))
    clinic.store.catalogue(clinic.organisation_id)
    elsewhere(clinic, "user_account", actor.user_id, role_id=role_id)


@pytest.mark.parametrize("change", [revoked, shut_out, given_another_role])
def test_the_first_command_after_a_revocation_is_refused(
    clinic: Clinic, actor: Actor, change: Any
) -> None:
    desk = builders.an_actor(clinic, frozenset(ALL))
    booked(clinic, desk)
    change(clinic, desk)

    with pytest.raises(NotAllowed, match="Appointment Create"):
        booked(clinic, desk, clinic.span(11))


def test_so_is_what_a_command_asks_for_besides(clinic: Clinic, actor: Actor) -> None:
    desk = builders.an_actor(clinic, frozenset(ALL))
    booked(clinic, desk)
    role_id = User.get_by_id(desk.user_id).role_id
    names = sorted(set(ALL) - {"Appointment Overbook"})
    elsewhere(clinic, "role", role_id, permissions=json.dumps(names))

    with pytest.raises(NotAllowed, match="Appointment Overbook"):
        booked(clinic, desk, patient_id=builders.a_patient(clinic), override=Override("Pain"))


def test_a_permission_that_was_given_elsewhere_counts_at_once(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)
    role_id = User.get_by_id(actor.user_id).role_id
    elsewhere(clinic, "role", role_id, name="Renamed")

    assert booked(clinic, actor, clinic.span(11)).span == clinic.span(11)
