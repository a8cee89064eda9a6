"""What the calendar reads: all that overlaps a period, whatever the past holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from clinic_desk.models.catalogue import AppointmentType
from clinic_desk.rules.lifecycle import Status
from clinic_desk.rules.spans import Span
from clinic_desk.services import bulk, diary, diary_view, requests
from clinic_desk.services.actor import Actor
from tests import builders
from tests.builders import Clinic
from tests.services.test_diary import booked

MANY = 3_000


def past_events(clinic: Clinic, count: int) -> None:
    """Hourly meetings of half an hour from 2010 on."""
    base = int(datetime(2010, 1, 1, tzinfo=UTC).timestamp())
    sqlite = clinic.store.dialect == "sqlite"
    at = "{0} + i * 3600 + {1}" if sqlite else "to_timestamp({0} + i * 3600 + {1})"
    database = clinic.store.database
    database.execute_sql(
        "INSERT INTO calendar_event (uuid, organisation_id, resource_id, starts_at, ends_at,"
        " time_zone, title) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        f" WHERE i < {count}) SELECT '{'0' * 26}' || (1000000000 + i), {clinic.organisation_id},"
        f" {clinic.provider_id}, {at.format(base, 0)}, {at.format(base, 1800)}, 'UTC', 'x' FROM n"
    )
    if clinic.store.dialect == "postgresql":
        database.execute_sql("ANALYZE")


def test_events_are_found_by_their_time_however_long_the_past(clinic: Clinic, actor: Actor) -> None:
    past_events(clinic, MANY)
    sql, parameters = diary_view.events_within(actor, Span(clinic.at(0), clinic.at(23)))
    sqlite = clinic.store.dialect == "sqlite"

    rows = clinic.store.rows(("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + sql, parameters)
    plan = "\n".join(" ".join(map(str, row)) for row in rows)

    assert "calendar_event_window" in plan and "calendar_event_long" in plan
    assert "SCAN calendar_event" not in plan and "Seq Scan" not in plan
    if sqlite:
        assert plan.count("organisation_id=? AND starts_at") == 2


def test_every_event_that_overlaps_the_day_is_shown_once(clinic: Clinic, actor: Actor) -> None:
    morning, evening = clinic.at(8), clinic.at(18)
    day = timedelta(days=1)
    shown = [
        builders.an_event(clinic, Span(morning - 40 * day, morning + timedelta(minutes=1))),
        builders.an_event(
            clinic,
            Span(morning - day, morning + timedelta(minutes=1)),
            resource_id=builders.an_operatory(clinic),
        ),
        builders.an_event(clinic, clinic.span(12)),
        builders.an_event(
            clinic,
            Span(evening - timedelta(minutes=1), evening + 5 * day),
            resource_id=builders.an_operatory(clinic),
        ),
    ]
    for span in (Span(morning - 2 * day, morning), Span(evening, evening + day)):
        builders.an_event(clinic, span, resource_id=builders.an_operatory(clinic))

    view = diary.view(actor, Span(morning, evening))

    assert [event.id for event in view.events] == shown


def test_a_type_made_at_another_desk_a_moment_ago_is_known(clinic: Clinic, actor: Actor) -> None:
    booked(clinic, actor)
    store, number = clinic.store, clinic.organisation_id
    before = store.catalogue(number)
    kind = {**_new_type(clinic), "id": 1_000}
    with bulk.loading(
        store, number, action="type.create", who=bulk.Who("Chief"), at=datetime.now(UTC)
    ) as load:
        load.create(AppointmentType, [kind])
    store.forget_catalogue(number)
    card = booked(clinic, actor, clinic.span(11), type_id=1_000, status=Status.REQUESTED)

    def as_another_desk() -> None:
        """Its catalogue is older than what stands in the diary."""
        store._catalogues[number] = before

    as_another_desk()
    assert card in diary.view(actor, Span(clinic.at(0), clinic.at(23))).appointments
    as_another_desk()
    assert diary.appointment(actor, card.id) == card
    as_another_desk()
    assert requests.waiting(actor) == (card,)
    as_another_desk()
    asked: dict[str, Any] = {"type_id": 1_000, "provider_id": clinic.provider_id}
    assert diary.check(actor, span=clinic.span(12), **asked) == ()


def _new_type(clinic: Clinic) -> dict[str, object]:
    """The fields of a type in portable form."""
    ((position,),) = clinic.store.rows("SELECT COUNT(*) FROM appointment_type")
    return {
        "uuid": "00000000-0000-4000-8000-000000001000",
        "code": "NEW",
        "name": "New",
        "minutes": 30,
        "before_minutes": 0,
        "after_minutes": 0,
        "colour": "#0067db",
        "requires_exam": False,
        "active": True,
        "position": position,
        "version": 1,
    }
