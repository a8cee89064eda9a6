"""What a program may do is what the table of the desk says: its scopes, and its role."""

from __future__ import annotations

import json

import pytest

from clinic_desk.models.people import Role
from clinic_desk.rules.errors import NotFound, Refused
from clinic_desk.rules.permissions import ALL, ROLES, granted
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services import roles_book, tokens, work
from tests import builders
from tests.services.test_permission_matrix import COLUMNS, MATRIX
from tests.web import walking
from tests.web.conftest import MakeApi

EVERYTHING = frozenset().union(*SCOPES.values())

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def test_every_call_says_what_it_goes_by(api):
    for call in walking.calls(api, walking.known(api)):
        assert call.needs or call.one_of, call.name
        assert call.needs | call.one_of <= EVERYTHING, call.name
        for line in call.commands:
            assert work.PERMISSION_OF[line.split()[0]] in call.needs
            assert line in MATRIX
        assert bool(call.commands) == (call.method != "GET"), call.name


@pytest.mark.parametrize("role", COLUMNS)
def test_the_table_of_the_desk_holds_for_programs_with_a_role(make_api: MakeApi, role: str):
    clinic = builders.a_clinic(make_api().clinic.store)
    number = builders.a_role(clinic, ROLES[role])
    api = make_api(clinic=clinic, role_id=number)
    column, may = COLUMNS.index(role), granted(ROLES[role])

    for call in walking.calls(api, walking.known(api)):
        answer = call.ask(api)
        assert (answer.status_code == 403) is not call.open_to(may), (call.name, answer.text)
        for line in call.commands:
            beside = call.needs - {work.PERMISSION_OF[line.split()[0]]}
            if MATRIX[line][column] == "-":
                assert answer.status_code == 403, (line, answer.text)
            elif beside <= may:
                assert answer.status_code in {200, 201}, (line, answer.text)


def test_each_permission_that_a_call_names_is_needed_and_no_other(make_api: MakeApi):
    whole = make_api()
    clinic, own = whole.clinic, walking.known(whole)

    for call in walking.calls(whole, own):
        for missing in sorted(call.needs):
            role = builders.a_role(clinic, frozenset(ALL) - {missing})
            before = clinic.store.rows("SELECT COUNT(*) FROM deed")
            answer = call.ask(made := make_api(clinic=clinic, role_id=role))
            assert answer.status_code == 403, (call.name, missing)
            assert missing in answer.text
            # Only the token itself was made.
            assert clinic.store.rows("SELECT COUNT(*) FROM deed")[0][0] == before[0][0] + 1
            assert made.get("/nothing").status_code == 404
        for enough in [{one} for one in call.one_of] or [set()]:
            role = builders.a_role(clinic, call.needs | enough)
            answer = call.ask(make_api(clinic=clinic, role_id=role))
            assert answer.status_code in {200, 201}, (call.name, answer.text)


@pytest.mark.parametrize(
    ("wish", "missing"),
    [
        ({"status": "cancelled"}, "Appointment Cancel"),
        ({"location_uuid": "elsewhere"}, "Appointment Change Location"),
    ],
)
def test_what_a_change_needs_beside_is_asked_for_too(make_api: MakeApi, wish, missing):
    clinic = make_api().clinic
    elsewhere = builders.a_location(clinic)
    api = make_api(clinic=clinic, role_id=builders.a_role(clinic, frozenset(ALL) - {missing}))
    if "location_uuid" in wish:
        wish = {"location_uuid": api.uuid("location", elsewhere), "operatory_uuid": None}
    visit = walking.known(api)["appointment"]

    answer = api.ask("PATCH", f"/appointments/{visit}", json=wish | {"notes": "x"})
    shown = api.get(f"/appointments/{visit}").json()

    assert (answer.status_code, shown["notes"]) == (403, "")
    assert missing in answer.json()["detail"]


@pytest.mark.parametrize("scope", list(SCOPES))
def test_a_scope_opens_exactly_the_calls_whose_permissions_it_has(make_api: MakeApi, scope: str):
    api = make_api(scope)

    for call in walking.calls(api, walking.known(api)):
        answer = call.ask(api)
        assert (answer.status_code == 403) is not call.open_to(SCOPES[scope]), call.name


def test_a_right_that_a_role_loses_is_gone_at_the_next_request(make_api: MakeApi):
    clinic = make_api().clinic
    desk = builders.an_actor(clinic)
    page = roles_book.create(desk, "Website", ["Customer Get All", "Location Get All"]).value
    api = make_api(clinic=clinic, role_id=page.id)
    assert (api.get("/patients").status_code, api.get("/locations").status_code) == (200, 200)

    page = roles_book.change(desk, page.id, version=1, names=["Location Get All"]).value
    assert (api.get("/patients").status_code, api.get("/locations").status_code) == (403, 200)

    roles_book.change(desk, page.id, version=page.version, names=["Customer Get All"])
    assert (api.get("/patients").status_code, api.get("/locations").status_code) == (200, 403)
    # Past the door too, as from another computer: nothing of it is remembered here.
    Role.update(permissions=json.dumps([])).where(Role.id == page.id).execute()
    assert api.get("/patients").status_code == 403


def test_a_role_gives_nothing_that_the_scopes_do_not(make_api: MakeApi):
    clinic = make_api().clinic
    api = make_api("catalogue:read", clinic=clinic, role_id=builders.a_role(clinic))

    assert (api.get("/locations").status_code, api.get("/patients").status_code) == (200, 403)


def test_a_role_stays_as_long_as_a_token_has_it(make_api: MakeApi):
    clinic = make_api().clinic
    desk = builders.an_actor(clinic)
    page = roles_book.create(desk, "Website", ["Customer Get All"]).value
    api = make_api(clinic=clinic, role_id=page.id)
    card = next(card for card in tokens.listed(desk) if card.role_id == page.id)

    with pytest.raises(Refused, match="A program’s token has the role “Website”"):
        roles_book.delete(desk, page.id, version=1)
    tokens.revoke(desk, card.id)
    roles_book.delete(desk, page.id, version=1)

    assert api.get("/patients").status_code == 401


def test_a_role_of_elsewhere_is_no_role(make_api: MakeApi):
    api = make_api()
    other = builders.a_clinic(api.clinic.store)
    desk = builders.an_actor(api.clinic)

    with pytest.raises(NotFound):
        tokens.create(desk, name="X", scopes=("patients:read",), role_id=builders.a_role(other))


def test_nobody_gives_a_program_more_than_they_have(make_api: MakeApi):
    clinic = make_api().clinic
    clerk = builders.an_actor(clinic, frozenset({"Token Update", "Customer Get All"}))

    with pytest.raises(Refused, match="You cannot hand out “Customer Show”"):
        tokens.create(clerk, name="X", scopes=("patients:read",))
