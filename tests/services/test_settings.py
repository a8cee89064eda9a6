"""What people have chosen: each their own, some for all."""

from __future__ import annotations

import pytest

from clinic_desk.rules.errors import NotAllowed
from clinic_desk.services import settings
from clinic_desk.services.actor import Actor
from clinic_desk.services.cards import Origin
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import Clinic
from tests.services.counting import statements

PINNED = {"visits": [3, 17], "note": "Ünïcode “quotes”", "open": True, "none": None}


def test_what_was_put_is_there(actor: Actor) -> None:
    settings.put(actor, "pinboard", PINNED)

    assert settings.get(actor, "pinboard") == PINNED


def test_what_was_never_put_is_the_default(actor: Actor) -> None:
    assert settings.get(actor, "pinboard") is None
    assert settings.get(actor, "pinboard", []) == []


def test_the_last_value_counts_and_the_history_knows_both(actor: Actor) -> None:
    first = settings.put(actor, "filter", {"location": 1})
    second = settings.put(actor, "filter", {"location": 2})

    assert settings.get(actor, "filter") == {"location": 2}
    assert second.seq == first.seq + 1
    assert first.changed == second.changed


def test_putting_the_same_again_is_no_deed(actor: Actor) -> None:
    first = settings.put(actor, "filter", {"b": 1, "a": 2})

    again = settings.put(actor, "filter", {"a": 2, "b": 1})

    assert again.seq == first.seq
    assert again.changed == ()


def test_everybody_has_their_own(clinic: Clinic, actor: Actor) -> None:
    other = builders.an_actor(clinic)

    settings.put(actor, "pinboard", [1])

    assert settings.get(other, "pinboard") is None


def test_what_is_shared_is_everybodys_of_the_organisation(
    store: Store, clinic: Clinic, actor: Actor
) -> None:
    colleague = builders.an_actor(clinic)
    stranger = builders.an_actor(builders.a_clinic(store, name="Elsewhere"))

    settings.share(actor, "step", 10)

    assert settings.get(colleague, "step", shared=True) == 10
    assert settings.get(colleague, "step") is None
    assert settings.get(stranger, "step", shared=True) is None


def test_sharing_needs_the_permission(clinic: Clinic) -> None:
    receptionist = builders.an_actor(clinic, frozenset({"Appointment Get All"}))

    with pytest.raises(NotAllowed):
        settings.share(receptionist, "step", 10)


def test_who_is_nobody_in_particular_has_nothing_of_their_own(store: Store, clinic: Clinic) -> None:
    """Without a user the value would be everybody's, past the permission for that."""
    nobody = Actor(
        store,
        clinic.organisation_id,
        None,
        "A program",
        "",
        frozenset({"Appointment Get All"}),
        Origin.API,
    )

    with pytest.raises(NotAllowed):
        settings.put(nobody, "step", 10)


def test_reading_one_asks_once(store: Store, actor: Actor) -> None:
    settings.put(actor, "pinboard", PINNED)
    settings.get(actor, "pinboard")

    with statements(store) as seen:
        settings.get(actor, "pinboard")

    assert len(seen) == 1
