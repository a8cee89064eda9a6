"""Several desks at the same slot at the same moment: one gets it, the others are told."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import peewee as pw
import pytest

from clinic_desk.models.diary import Appointment
from tests.models.hand import Hand
from tests.models.sample import NINE, Practice
from tests.models.truth import assert_holds

DESKS, SLOTS = 6, 8


def _at_once(work: Callable[[int], None], db: pw.Database) -> list[BaseException]:
    """Run *work* as so many desks, each with a connection of its own; gives what went wrong."""
    wrong: list[BaseException] = []
    ready = threading.Barrier(DESKS)

    def desk(number: int) -> None:
        try:
            with db.connection_context():
                ready.wait()
                work(number)
        except BaseException as error:
            wrong.append(error)

    desks = [threading.Thread(target=desk, args=(n,)) for n in range(DESKS)]
    for one in desks:
        one.start()
    for one in desks:
        one.join()
    return wrong


def test_one_of_many_desks_gets_each_slot(db: pw.Database, practice: Practice) -> None:
    outcome: Counter[str] = Counter()

    def book(desk: int) -> None:
        for slot in range(SLOTS):
            while True:
                try:
                    practice.book(NINE + timedelta(hours=(slot + desk) % SLOTS))
                    outcome["won"] += 1
                except pw.IntegrityError:
                    outcome["told"] += 1
                except pw.OperationalError as error:
                    if "locked" in str(error):
                        continue
                    raise
                break

    assert _at_once(book, db) == []
    assert outcome == {"won": SLOTS, "told": SLOTS * (DESKS - 1)}
    assert Appointment.select().count() == SLOTS
    assert_holds(db)


def test_desks_that_revive_and_move_at_once_never_overlap(
    db: pw.Database, practice: Practice
) -> None:
    visits = [practice.book(NINE, status="cancelled") for _ in range(DESKS)]

    def revive(desk: int) -> None:
        for _ in range(5):
            try:
                Appointment.update(status="scheduled").where(
                    Appointment.id == visits[desk]
                ).execute()
                Appointment.update(status="cancelled").where(
                    Appointment.id == visits[desk]
                ).execute()
            except pw.IntegrityError:
                continue
            except pw.OperationalError as error:
                assert "locked" in str(error) or "deadlock" in str(error)  # noqa: PT017

    assert _at_once(revive, db) == []
    assert_holds(db)


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_sql_typed_by_hand_queues_with_the_program(db: pw.Database) -> None:
    hand = Hand(db)
    program = db.separate_connection()  # type: ignore[attr-defined]
    program.execute("BEGIN")
    program.execute("SELECT pg_advisory_xact_lock(17218, %s::int)", (hand.one.id,))
    db.execute_sql("SET lock_timeout = '200ms'")
    for sql in (hand.visit("20", "21"), hand.moved(hand.a, "7", "8"), "DELETE FROM hold"):
        assert "lock timeout" in hand.type(sql)
    program.execute("COMMIT")
    assert hand.type(hand.visit("20", "21")) == ""
    program.close()
