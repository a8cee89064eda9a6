"""Where two records became one, whoever kept the other number learns the one that remains."""

from __future__ import annotations

import pytest

from clinic_desk.services import patient_merge, patients
from tests import builders
from tests.web.conftest import MakeApi


def test_the_number_of_a_merged_record_leads_to_the_one_that_remains(make_api: MakeApi) -> None:
    api = make_api()
    chief = builders.an_actor(api.clinic)
    first, second, third = (
        patients.create(chief, first_name="Ada", last_name=f"Twice {name}").value
        for name in ("One", "Two", "Three")
    )
    patient_merge.merge(chief, second.id, third.id)
    patient_merge.merge(chief, first.id, second.id)
    elsewhere = make_api(clinic=builders.a_clinic(api.clinic.store, name="Elsewhere"))

    for gone in (second, third):
        answer = api.get(f"/patients/{gone.uuid}")
        told = answer.json()
        assert (answer.status_code, told["code"]) == (410, "merged")
        assert told["merged_into_uuid"] == first.uuid
        assert "merged_into_uuid" in told["way_out"]
        assert elsewhere.get(f"/patients/{gone.uuid}").status_code == 404
        refused = api.book("10:00", "10:30", patient_uuid=gone.uuid)
        told = refused.json()
        assert (refused.status_code, told["code"]) == (409, "merged")
        assert told["merged_into_uuid"] == first.uuid
        assert elsewhere.book("10:00", "10:30", patient_uuid=gone.uuid).status_code == 404
    assert api.get(f"/patients/{first.uuid}").json()["uuid"] == first.uuid


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_whoever_may_not_read_patients_learns_no_number(make_api: MakeApi) -> None:
    api = make_api()
    chief = builders.an_actor(api.clinic)
    first, second = (
        patients.create(chief, first_name="Ada", last_name=f"Twice {name}").value
        for name in ("One", "Two")
    )
    patient_merge.merge(chief, first.id, second.id)
    blind = make_api("catalogue:read", clinic=api.clinic)

    answer = blind.get(f"/patients/{second.uuid}")

    assert answer.status_code == 403
    assert first.uuid not in answer.text
