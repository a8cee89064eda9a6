"""After a restore nobody is reminded twice: what may have been sent waits for somebody to look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinic_desk.models.people import Patient, Setting
from clinic_desk.rules.spans import Span
from clinic_desk.services import backup, demo_mark, outbox, reminders
from clinic_desk.services.actor import Actor
from clinic_desk.services.store import Store, open_store
from tests import builders, databases
from tests.builders import Clinic
from tests.services.mailing import SETTINGS

DAY_BEFORE = replace(SETTINGS, reminder_hours=(24,), quiet_from=0, quiet_until=0)


def visit_in(clinic: Clinic, hours: float) -> int:
    """A visit so many hours from now, booked long ago."""
    begin = (datetime.now(UTC) + timedelta(hours=hours)).replace(second=0, microsecond=0)
    patient = builders.a_patient(clinic, email=f"p{hours}@example.com", email_key="x")
    return builders.an_appointment(clinic, Span.lasting(begin, 30), patient_id=patient)


@pytest.fixture
def restored(
    clinic: Clinic, actor: Actor, dialect: str, tmp_path: Path
) -> Iterator[tuple[Actor, int, int]]:
    """A database that was restored a moment ago, with a visit whose reminder is past and one
    whose reminder is to come: who looks at it, and the two.
    """
    past, ahead = visit_in(clinic, 20), visit_in(clinic, 26)
    file = tmp_path / "all.zip"
    backup.backup(clinic.store, file)
    (tmp_path / "new").mkdir()
    url, remove = databases.fresh(dialect, tmp_path / "new")
    clinic.store.close()
    backup.restore(url, file)
    store = open_store(url)
    yield replace(actor, store=store), past, ahead
    store.close()
    remove()


def write(store: Store, organisation_id: int, later: timedelta) -> int:
    now = datetime.now(UTC).replace(microsecond=0) + later
    return reminders.write_due(store, organisation_id, DAY_BEFORE, now)


def states(store: Store) -> dict[int, str]:
    found: list[tuple[Any, ...]] = store.rows("SELECT appointment_id, state FROM outbox")
    return dict(found)


def test_without_a_restore_both_go_out(clinic: Clinic, actor: Actor) -> None:
    clinic.store.rows(
        "UPDATE database_info SET created_at = ? WHERE id = 1 RETURNING id",
        (Patient.registered_at.db_value(datetime(2020, 1, 1, tzinfo=UTC)),),
    )
    past, ahead = visit_in(clinic, 20), visit_in(clinic, 26)

    assert write(clinic.store, clinic.organisation_id, timedelta(hours=3)) == 2
    assert states(clinic.store) == {past: "waiting", ahead: "waiting"}


def test_a_demo_that_nobody_restored_speaks_of_no_restore(clinic: Clinic) -> None:
    Setting.create(organisation_id=clinic.organisation_id, name=demo_mark.MARK, value="1")
    _past, ahead = visit_in(clinic, 20), visit_in(clinic, 26)

    for later in (0, 3):
        write(clinic.store, clinic.organisation_id, timedelta(hours=later))

    assert states(clinic.store) == {ahead: "waiting"}


def test_what_came_before_the_restore_is_not_sent_again_by_itself(
    restored: tuple[Actor, int, int],
) -> None:
    actor, past, ahead = restored

    write(actor.store, actor.organisation_id, timedelta(0))
    write(actor.store, actor.organisation_id, timedelta(hours=3))
    write(actor.store, actor.organisation_id, timedelta(hours=4))

    assert states(actor.store) == {past: "withdrawn", ahead: "waiting"}


def test_staff_see_it_and_send_it_if_it_is_wanted(restored: tuple[Actor, int, int]) -> None:
    actor, past, _ahead = restored
    write(actor.store, actor.organisation_id, timedelta(0))

    (line,) = outbox.lines(actor, states=("withdrawn",)).items
    assert line.appointment_id == past
    assert line.trouble.message == reminders.BEFORE_RESTORE
    assert "Send it again" in line.trouble.way_out
    outbox.retry(actor, [line.id])

    assert states(actor.store) == {past: "waiting"}
