"""Whatever SQL is typed by hand, no time is taken twice and the claims tell the truth."""

from __future__ import annotations

import peewee as pw
import pytest

from tests.models import attacks, more_attacks
from tests.models.attacks import ANY, Attack
from tests.models.hand import Hand
from tests.models.truth import assert_holds, due, overlaps

ALL = [
    *attacks.TAKING,
    *attacks.MOVING,
    *attacks.TIMES,
    *more_attacks.BESIDE,
    *more_attacks.PERMITS,
    *more_attacks.ACROSS,
    *more_attacks.CLAIMS,
]
BOTH = [a for a in ALL if not a.only]


def _attacked(db: pw.Database, attack: Attack) -> None:
    hand = Hand(db)
    assert_holds(db)
    answers = [hand.type(sql) for sql in attack.sql(hand)]
    assert_holds(db)
    if attack.met in {"", ANY}:
        assert bool(answers[-1]) == bool(attack.met), answers
    else:
        assert attack.met in answers[-1], answers


def _named(attack: Attack) -> str:
    return attack.name.replace(" ", "-")


@pytest.mark.parametrize("attack", BOTH, ids=_named)
def test_no_hand_takes_time_twice(db: pw.Database, attack: Attack) -> None:
    _attacked(db, attack)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=False)
@pytest.mark.parametrize("attack", [a for a in ALL if a.only == "sqlite"], ids=_named)
def test_no_hand_that_knows_sqlite_takes_time_twice(db: pw.Database, attack: Attack) -> None:
    _attacked(db, attack)


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=False)
@pytest.mark.parametrize("attack", [a for a in ALL if a.only == "postgresql"], ids=_named)
def test_no_hand_that_knows_postgresql_takes_time_twice(db: pw.Database, attack: Attack) -> None:
    _attacked(db, attack)


def test_without_the_guarantee_the_attacks_would_succeed(db: pw.Database) -> None:
    """The judge of these tests does not lean on what it judges."""
    hand = Hand(db)
    for table in ("appointment", "claim"):
        if hand.sqlite:
            names = db.execute_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
            ).fetchall()
            for (name,) in names:
                db.execute_sql(f"DROP TRIGGER {name}")
        else:
            db.execute_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    assert hand.type(hand.visit("9:30", "10:30", provider_id=hand.p)) == ""
    assert len(overlaps(due(db))) == 1
    with pytest.raises(AssertionError):
        assert_holds(db)
