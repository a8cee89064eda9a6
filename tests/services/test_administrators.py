"""There is always somebody who can let others in, whatever is done and whoever is quickest."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_desk.rules.errors import Refused
from clinic_desk.rules.permissions import ALL, ROLES
from clinic_desk.services import roles_book, staff
from clinic_desk.services.actor import Actor
from clinic_desk.services.roles_book import ADMINISTRATION, administrators
from clinic_desk.services.staff_cards import StaffCard
from clinic_desk.services.store import Store
from tests import builders
from tests.builders import Clinic

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["demote", "promote", "close", "open", "weaken", "strengthen"]),
        st.integers(0, 2),
        st.integers(0, 2),
    ),
    max_size=12,
)


def _who(clinic: Clinic) -> frozenset[int]:
    clinic.store.forget_catalogue(clinic.organisation_id)
    return administrators(clinic.store.catalogue(clinic.organisation_id))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_whatever_is_done_somebody_can_manage_the_staff(
    store: Store, steps: list[tuple[str, int, int]]
) -> None:
    clinic = builders.a_clinic(store)
    people = [builders.an_actor(clinic) for _ in range(3)]
    low = builders.a_role(clinic, ROLES["Front Desk"])
    high = builders.a_role(clinic)
    for what, doer, target in steps:
        with contextlib.suppress(Refused):
            _step(people[doer], people[target], what, low, high)
        assert _who(clinic)


def _step(doer: Actor, target: Actor, what: str, low: int, high: int) -> None:
    doer.store.forget_catalogue(doer.organisation_id)
    card = staff.show(doer, target.user_id or 0)
    if what in ("demote", "promote", "close", "open"):
        role_id = {"demote": low, "promote": high}.get(what, card.draft.role_id)
        active = {"close": False, "open": True}.get(what, card.draft.active)
        wanted = replace(card.draft, role_id=role_id, active=active, approvals=role_id != low)
        staff.change(doer, card, wanted)
        return
    names = ALL if what == "strengthen" else sorted(set(ALL) - ADMINISTRATION)
    role = next(r for r in roles_book.everything(doer) if r.id == card.draft.role_id)
    roles_book.change(doer, role.id, version=role.version, names=names)


def test_the_last_one_cannot_close_demote_or_weaken_themselves(
    clinic: Clinic, actor: Actor
) -> None:
    card = staff.show(actor, actor.user_id or 0)
    low = builders.a_role(clinic, ROLES["Front Desk"])

    lower = replace(card.draft, role_id=low, approvals=False)
    for draft in (replace(card.draft, active=False), lower):
        with pytest.raises(Refused, match="nobody who can manage"):
            staff.change(actor, card, draft)
    with pytest.raises(Refused, match="nobody who can manage"):
        roles_book.change(actor, card.draft.role_id, version=1, names=("User Update All",))

    assert _who(clinic) == {actor.user_id}


@pytest.mark.parametrize("times", range(3))
def test_two_administrators_who_demote_each_other_at_one_instant_leave_one(
    store: Store, clinic: Clinic, actor: Actor, times: int
) -> None:
    other = builders.an_actor(clinic)
    low = builders.a_role(clinic, ROLES["Front Desk"])
    pairs = [(actor, other), (other, actor)]
    cards = [staff.show(doer, target.user_id or 0) for doer, target in pairs]
    barrier = threading.Barrier(2)
    outcomes: list[bool] = []

    def run(doer: Actor, card: StaffCard) -> None:
        barrier.wait()
        try:
            staff.change(doer, card, replace(card.draft, role_id=low, approvals=False))
            outcomes.append(True)
        except Refused:
            outcomes.append(False)
        finally:
            store.forget_connection()

    threads = [
        threading.Thread(target=run, args=(doer, card))
        for (doer, _), card in zip(pairs, cards, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, True]
    assert len(_who(clinic)) == 1
