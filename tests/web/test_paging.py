"""Long lists are read to their end, page by page."""

from __future__ import annotations

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
