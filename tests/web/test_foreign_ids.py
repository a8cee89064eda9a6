"""Nothing of another organisation is reached by any id, wherever it is put."""

from __future__ import annotations

from dataclasses import replace

from tests.web import walking
from tests.web.walking import UUIDS


def test_every_place_that_takes_a_uuid_is_tried(api):
    own = walking.known(api)
    tried = {
        (call.name, field)
        for call in walking.calls(api, own)
        for field in {**call.filled, **call.params, **(call.body or {})}
        if field in UUIDS
    }

    assert tried == walking.uuid_fields(api)


def test_an_id_of_elsewhere_is_as_unknown_as_one_that_nobody_has(make_api):
    ours, theirs = make_api(), make_api()
    own, foreign = walking.known(ours), walking.known(theirs)
    before = _everything(ours)

    for call in walking.calls(ours, own):
        for field, kind in UUIDS.items():
            for wrong in (foreign[kind], walking.nobodys()):
                for variant in call.variants(field, wrong):
                    answer = variant.ask(ours)
                    assert call.is_not_found(answer), (call.name, field, answer.text)
                    assert wrong not in answer.text

    assert _everything(ours) == before


def test_no_call_is_open_in_another_organisation(make_api):
    ours, theirs = make_api(), make_api()
    foreign = walking.known(theirs)
    before = _everything(theirs)

    for call in walking.calls(theirs, foreign):
        answer = call.ask(walking.at(ours, theirs.org))
        assert answer.status_code == 404, call.name

    assert _everything(theirs) == before


def test_what_a_call_does_not_know_is_refused_everywhere(api):
    for call in walking.calls(api, walking.known(api)):
        more = [replace(call, params={**call.params, "sort": "name; DROP TABLE deed"})]
        if call.body is not None:
            more += [
                replace(call, body={**call.body, field: 1})
                for field in ("id", "uuid", "organisation_id", "created_at", "override")
            ]
        for variant in more:
            answer = variant.ask(api)
            assert call.is_refused(answer, unknown="sort"), (call.name, answer.text)


def test_a_question_that_is_asked_twice_is_refused(api):
    answer = api.ask("GET", "/appointments", params=[("page", "1"), ("page", "2")])
    both = api.ask("GET", "/appointments", params=[("status", "missed"), ("status", "cancelled")])

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "repeated")
    assert both.status_code == 200


def test_pages_have_their_bounds(api):
    for path in ("/patients", "/appointments"):
        for wrong in ({"page": 0}, {"page": 20_001}, {"page_size": 0}, {"page_size": 101}):
            assert api.get(path, **wrong).status_code == 422
        assert api.get(path, page=1000, page_size=100).json()["items"] == []


def _everything(api) -> list[object]:
    tables = ("appointment", "patient", "deed")
    return [
        api.clinic.store.rows(
            f"SELECT * FROM {table} WHERE organisation_id = ? ORDER BY 1, 2, 3",
            (api.clinic.organisation_id,),
        )
        for table in tables
    ]
