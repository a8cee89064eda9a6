from __future__ import annotations

import pytest
from hypothesis import given

from clinic_desk.rules.errors import Refused
from clinic_desk.rules.lifecycle import (
    HOLDING,
    OPEN,
    Status,
    check_step,
    is_later,
    is_step_back,
    may_become,
    steps_back,
    steps_forward,
    takes_time_again,
)
from tests.strategies import statuses

S = Status


def test_steps_may_be_skipped():
    for after in (S.CONFIRMED, S.ARRIVED, S.COMPLETED):
        check_step(S.SCHEDULED, after)


@pytest.mark.parametrize("before", sorted(OPEN))
def test_every_open_visit_can_be_cancelled_or_missed(before):
    check_step(before, S.CANCELLED)
    check_step(before, S.MISSED)


def test_a_request_is_approved_declined_or_cancelled_and_nothing_else():
    assert may_become(S.REQUESTED) == {S.SCHEDULED, S.DECLINED, S.CANCELLED}


def test_a_completed_visit_can_only_be_stepped_back():
    assert not steps_forward(S.COMPLETED)
    assert steps_back(S.COMPLETED) == {S.SCHEDULED, S.CONFIRMED, S.ARRIVED}


def test_a_missed_patient_may_come_after_all():
    assert is_step_back(S.MISSED, S.ARRIVED)
    assert takes_time_again(S.MISSED, S.ARRIVED)


def test_a_refused_step_says_both_statuses():
    with pytest.raises(Refused, match="completed cannot become cancelled"):
        check_step(S.COMPLETED, S.CANCELLED)


def test_the_same_status_again_says_that_it_is_so_already():
    with pytest.raises(Refused, match="is cancelled already"):
        check_step(S.CANCELLED, S.CANCELLED)


def test_later_follows_the_road_and_nothing_off_it():
    assert is_later(S.ARRIVED, S.SCHEDULED)
    assert not is_later(S.SCHEDULED, S.SCHEDULED)
    assert not is_later(S.CANCELLED, S.SCHEDULED)
    assert not is_later(S.ARRIVED, S.MISSED)


@given(statuses(), statuses())
def test_a_step_is_forward_or_back_never_both(before, after):
    assert not (after in steps_forward(before) and is_step_back(before, after))
    if after in may_become(before):
        check_step(before, after)
    else:
        with pytest.raises(Refused):
            check_step(before, after)


@given(statuses(), statuses())
def test_only_a_step_back_wins_time_again(before, after):
    if after in may_become(before) and takes_time_again(before, after):
        assert is_step_back(before, after)


@given(statuses())
def test_whatever_gave_its_time_away_can_come_back(status):
    if status not in HOLDING:
        assert any(takes_time_again(status, after) for after in steps_back(status))


@given(statuses())
def test_nothing_comes_back_to_a_request_but_a_declined_one(status):
    assert (S.REQUESTED in may_become(status)) == (status is S.DECLINED)
