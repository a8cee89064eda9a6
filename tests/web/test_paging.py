"""Long lists are read to their end, page by page."""

from __future__ import annotations

import pytest

from tests import builders
from tests.web.conftest import Api


def test_pages_join_to_the_whole_and_tell_the_same_total(api: Api):
    for number in range(6):
        builders.a_patient(api.clinic, first_name=f"Ada{number}", last_name="Paging")

    for query in ("", "paging", "pa"):
        whole = api.get("/patients", query=query, page_size=100).json()
        for size in (1, 2, 3, 6, 7):
            joined, page = [], 1
            while items := (
                told := api.get("/patients", query=query, page=page, page_size=size).json()
            )["items"]:
                joined += items
                page += 1
                assert told["total"] == whole["total"]
            assert joined == whole["items"]
            assert told["total"] == whole["total"]


def test_a_million_can_be_paged_to_and_there_is_an_end(api: Api):
    for path in ("/patients", "/appointments"):
        far = api.get(path, page=20_000, page_size=50)
        beyond = api.get(path, page=20_001)

        assert (far.status_code, far.json()["items"]) == (200, [])
        assert beyond.status_code == 422
    assert api.get("/patients", page=20_000).json()["total"] == 1


def test_the_link_to_the_next_page_leads_through_the_whole_list(api: Api):
    for number in range(5):
        builders.a_patient(api.clinic, first_name="Ada", last_name=f"Paging{number}")
        builders.an_appointment(api.clinic, api.clinic.span(9 + number))
    for path, params in (
        ("/patients", {}),
        ("/patients", {"query": "paging & ada"}),
        ("/appointments", {"status": ["scheduled", "cancelled"]}),
    ):
        whole = api.get(path, page_size=100, **params)
        assert "link" not in whole.headers
        answer = api.get(path, page_size=2, **params)
        joined, seen = list(answer.json()["items"]), [answer.json()]
        while "next" in answer.links:
            answer = api.client.get(
                answer.links["next"]["url"], headers={"Authorization": f"Bearer {api.token}"}
            )
            assert answer.status_code == 200, answer.text
            joined += answer.json()["items"]
            seen.append(answer.json())
        assert joined == whole.json()["items"]
        assert [told["page"] for told in seen] == list(range(1, len(seen) + 1))
        assert {(told["total"], told["page_size"]) for told in seen} == {(whole.json()["total"], 2)}


@pytest.mark.parametrize("wrong", ["nothing", "", "A" * 80])
def test_a_place_that_was_not_given_out_here_is_refused(api: Api, wrong: str):
    for path in ("/patients", "/appointments"):
        answer = api.get(path, after=wrong)

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")
        assert "without" in answer.json()["way_out"]


def test_a_link_holds_for_its_question_and_its_organisation_only(make_api):
    ours, theirs = make_api(), make_api()
    for api in (ours, theirs):
        for number in range(3):
            builders.a_patient(api.clinic, first_name="Ada", last_name=f"Paging{number}")
    link = ours.get("/patients", page_size=1).links["next"]["url"]
    after = link.partition("after=")[2]

    assert "aging" not in link
    assert ours.get("/patients", page_size=3, after=after).status_code == 200
    assert theirs.get("/patients", after=after).status_code == 422
    assert ours.get("/patients", query="Paging", after=after).status_code == 422
    assert ours.get("/appointments", after=after).status_code == 422
    both = ours.get("/patients", after=after, page=2)
    assert (both.status_code, both.json()["errors"][0]["field"]) == (422, "page")
