"""What the calendar holds, and what it holds back."""

from __future__ import annotations

from clinic_desk.rules.lifecycle import Status
from clinic_desk.views.agenda.model import AgendaModel
from tests.views.agenda import made


def model(*cards, events=()) -> AgendaModel:
    made_model = AgendaModel()
    made_model.catalogue = made.CATALOGUE
    made_model.set_data(made.diary(cards, events))
    return made_model


def test_cards_come_in_the_order_of_their_beginnings():
    found = model(
        made.visit(1, made.hour(2, 9)),
        made.visit(2, made.hour(0, 9)),
        events=[made.event(3, made.hour(1, 9))],
    )

    assert [card.id for card in found.cards] == [2, 3, 1]


def test_only_the_shown_providers_visits_and_all_room_events_are_shown():
    found = model(
        made.visit(1, made.hour(0, 9)),
        made.visit(2, made.hour(0, 9), provider=made.PROVIDERS[made.PATEL]),
        events=[made.event(3, made.hour(0, 12), made.ROOM_1), made.event(4, made.hour(0, 13))],
    )
    found.set_shown([made.PATEL])

    assert [card.id for card in found.cards] == [2, 3]


def test_hidden_visits_still_stand_in_the_way():
    found = model(made.visit(1, made.hour(0, 9)))
    found.set_shown([made.PATEL])
    begin = made.at(0, 9).timestamp()

    assert [card.id for card in found.near(made.CHEN, begin, begin + 60)] == [1]


def test_cancelled_visits_take_nobodys_time():
    found = model(made.visit(1, made.hour(0, 9), status=Status.CANCELLED))
    begin = made.at(0, 9).timestamp()

    assert list(found.near(made.CHEN, begin, begin + 60)) == []


def test_holds_nest_and_the_newest_view_wins():
    found = model(made.visit(1, made.hour(0, 9)))
    found.hold_refreshes()
    found.hold_refreshes()
    found.set_data(made.diary([made.visit(2, made.hour(0, 9))]))
    found.set_data(made.diary([made.visit(3, made.hour(0, 9))]))
    found.release_refreshes()
    assert [card.id for card in found.cards] == [1]
    found.release_refreshes()
    assert [card.id for card in found.cards] == [3]


def test_a_settled_visit_of_another_period_is_not_kept():
    found = model(made.visit(1, made.hour(0, 9)))
    found.settle(made.visit(1, made.hour(20, 9), version=2))

    assert found.cards == []
