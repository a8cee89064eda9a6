"""Who may ask for what: tokens, scopes, other organisations, and requests that are too large."""

from __future__ import annotations

import pytest

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.permissions import BY_NAME
from clinic_desk.rules.scopes import SCOPES
from clinic_desk.services import tokens
from clinic_desk.web.limits import MOST_BYTES
from tests import builders

CALLS = {
    "GET /patients": {"patients:read", "patients:write"},
    "POST /patients": {"patients:write"},
    "GET /appointment-types": {"catalogue:read"},
    "GET /locations": {"catalogue:read"},
    "GET /providers": {"catalogue:read"},
    "GET /operatories": {"catalogue:read"},
    "GET /schedule/availability": {
        "availability:read",
        "appointments:read",
        "appointments:write",
    },
    "GET /appointments": {"appointments:read", "appointments:write"},
    "POST /appointments": {"appointments:write"},
    "PATCH /appointments": {"appointments:write"},
}
"""Which scopes open each call, written by hand."""


@pytest.mark.parametrize("scope", list(SCOPES))
def test_a_scope_opens_these_calls_and_no_other(make_api, scope):
    api = make_api(scope)
    place = {"location_uuid": api.uuid("location"), "appointment_type_uuid": api.uuid("type")}
    visit = builders.an_appointment(api.clinic, api.clinic.span(15))
    opened = set()

    for call, scopes in CALLS.items():
        method, path = call.split()
        body = {"last_name": "New"} if path == "/patients" else api.wish()
        if method == "PATCH":
            path, body = f"{path}/{api.uuid('appointment', visit)}", {"notes": "x"}
        more = {"params": place if "availability" in path else {}}
        answer = api.ask(method, path, **more, **({} if method == "GET" else {"json": body}))
        assert answer.status_code in {200, 201, 403}, answer.text
        if answer.status_code == 403:
            assert set(answer.json()["scopes"]) == scopes
        else:
            opened.add(call)

    assert opened == {call for call, scopes in CALLS.items() if scope in scopes}


def test_every_scope_grants_what_exists(api):
    assert all(BY_NAME[name].in_use for granted in SCOPES.values() for name in granted)
    with pytest.raises(Invalid):
        tokens.create(
            tokens.at_the_console(api.clinic.store, api.clinic.organisation_id),
            name="X",
            scopes=("everything",),
        )


def test_without_a_known_token_nothing_is_told(api):
    for given in ("", "Bearer x", f"Bearer {api.token[:-1]}", "Basic eDp5"):
        headers = {"Authorization": given} if given else {}
        answer = api.client.get(f"/api/v1/{api.org}/patients", headers=headers)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["title"] == "The token is not known"


def test_a_token_that_was_withdrawn_opens_nothing_any_more(api):
    actor = builders.an_actor(api.clinic)
    (card,) = tokens.listed(actor)

    tokens.revoke(actor, card.id)

    assert api.get("/patients").status_code == 401
    assert tokens.listed(actor)[0].revoked_at is not None


def test_the_last_use_is_seen_and_the_secret_nowhere(api):
    secret = api.token.split("_", 2)[2]  # which may have underscores of its own
    assert api.get("/locations").status_code == 200

    (card,) = tokens.listed(builders.an_actor(api.clinic))
    kept = api.clinic.store.rows("SELECT * FROM api_token")
    told = api.clinic.store.rows("SELECT body FROM deed_text")

    assert card.last_used_at is not None
    assert secret not in str(kept) + str(told)
    assert kept[0][5] not in str(told)


def test_nothing_of_another_organisation_is_reached_by_any_id(make_api):
    ours, theirs = make_api(), make_api()
    visit = theirs.book().json()["uuid"]

    for path in (
        f"/patients/{theirs.uuid('patient')}",
        f"/appointments/{visit}",
        f"/operatories?location_uuid={theirs.uuid('location')}",
    ):
        assert ours.get(path).status_code == 404
    for field in ("patient", "location", "provider", "operatory", "type"):
        name = "appointment_type" if field == "type" else field
        answer = ours.book(**{f"{name}_uuid": theirs.uuid(field)})
        assert answer.status_code == 404, field
    assert ours.ask("POST", f"/appointments/{visit}/cancel").status_code == 404
    foreign = ours.client.get(
        f"/api/v1/{theirs.org}/patients", headers={"Authorization": f"Bearer {ours.token}"}
    )
    assert foreign.status_code == 404


def test_data_in_use_elsewhere_are_refused_without_a_word_of_whose(make_api):
    ours, theirs = make_api(), make_api()
    body = {"first_name": "Jane", "last_name": "Smith", "email": "jane@example.com"}
    assert theirs.ask("POST", "/patients", json=body).status_code == 201

    answer = ours.ask("POST", "/patients", json=body | {"last_name": "Other"})

    assert answer.status_code == 409
    assert answer.json()["detail"] == "These data are already in use."
    assert "Smith" not in answer.text


def test_a_patient_is_registered_once_for_a_key(api):
    body = {"first_name": "Ada", "last_name": "Nkemelu", "date_of_birth": "1986-04-12"}
    key = {"Idempotency-Key": "1"}

    one = api.ask("POST", "/patients", json=body, headers=key)
    two = api.ask("POST", "/patients", json=body, headers=key)

    assert one.json() == two.json()
    assert api.get("/patients", query="nkem ad").json()["total"] == 1
    assert api.ask("POST", "/patients", json=body | {"id": 1}).status_code == 422


def test_a_list_that_is_known_is_not_sent_again(api):
    first = api.get("/appointment-types")
    tag = {"If-None-Match": first.headers["etag"]}

    assert api.ask("GET", "/appointment-types", headers=tag).status_code == 304
    builders.a_type(api.clinic, code="NEW")
    assert api.ask("GET", "/appointment-types", headers=tag).json()["total"] == 2


def test_a_body_that_is_too_large_is_refused(api):
    answer = api.book(notes="x" * MOST_BYTES)

    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_does_not_say_how_large_it_is_is_refused_as_well(api):
    answer = api.ask(
        "POST", "/appointments",
        content=iter([b"x" * 10_000] * 10), headers={"Content-Type": "application/json"},
    )  # fmt: skip

    assert answer.status_code == 413
    assert api.get("/locations").status_code == 200
