"""Refusals speak the language of whoever asks; what programs go by stays the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from clinic_desk import i18n
from clinic_desk.web.tongues import spoken

LANGUAGES = [tag for tag in i18n.available() if tag != i18n.SOURCE]


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de_AT"),
        ("nl, fr;q=0.4, hu;q=0.8", "hu"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("pt-PT", "pt_BR"),
        ("de-XXXX-QQ", "de"),
        ("en-XA", "en"),
        ("*", "en"),
        ("klingon; q=ten, ;;,", "en"),
    ],
)
def test_the_best_language_is_found(accepted, tag):
    assert spoken(accepted) == tag


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_refusal_is_told_in_every_language_with_the_same_codes(api):
    assert api.book().status_code == 201
    body = api.wish()

    def refused(tag: str):
        headers = {"Accept-Language": tag}
        clash = api.ask("POST", "/appointments", json=body, headers=headers)
        wrong = api.ask("POST", "/appointments", json=body | {"x": 1}, headers=headers)
        return clash, wrong

    plain = refused("en")
    told = {tag: refused(tag.replace("_", "-")) for tag in LANGUAGES}

    assert LANGUAGES
    for tag, (clash, wrong) in told.items():
        for answer, english in ((clash, plain[0]), (wrong, plain[1])):
            assert answer.headers["content-language"] == tag.replace("_", "-")
            assert answer.headers["vary"] == "Accept-Language"
            ours, theirs = answer.json(), english.json()
            assert [ours[k] for k in ("type", "code", "status")] == [
                theirs[k] for k in ("type", "code", "status")
            ]
        assert [r["kind"] for r in clash.json()["reasons"]] == [
            r["kind"] for r in plain[0].json()["reasons"]
        ]
        assert clash.json()["detail"] != plain[0].json()["detail"]
        assert wrong.json()["errors"][0]["code"] == "no-such-field"
    assert plain[0].headers["content-language"] == "en"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_many_languages_at_once_are_not_mixed_up(api):
    api.book()
    wanted = [*LANGUAGES, "en"] * 8

    def clash(tag: str):
        return api.book(headers={"Accept-Language": tag.replace("_", "-")}).json()["detail"]

    alone = {tag: clash(tag) for tag in set(wanted)}
    with ThreadPoolExecutor(16) as crowd:
        together = list(crowd.map(clash, wanted))

    assert together == [alone[tag] for tag in wanted]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_is_refused_on_the_way_in_is_told_in_the_same_language(api):
    german = {"Accept-Language": "de"}
    stranger = api.client.get(f"/api/v1/{api.org}/patients", headers=german)
    large = api.ask("POST", "/patients", content=b"x" * 100_000, headers=german)
    nowhere = api.ask("GET", "/nowhere", headers=german)
    method = api.ask("DELETE", "/patients", headers=german)

    assert [a.status_code for a in (stranger, large, nowhere, method)] == [401, 413, 404, 405]
    for answer in (stranger, large, nowhere, method):
        assert answer.headers["content-language"] == "de"
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_why_nothing_is_free_is_told_in_the_same_language(api):
    place = {"location_uuid": api.uuid("location"), "appointment_type_uuid": api.uuid("type")}
    night = {"from": "2031-05-20T01:00:00", "to": "2031-05-20T02:00:00", "reasons": "true"}

    def asked(tag: str):
        return api.ask(
            "GET", "/schedule/availability", params=place | night, headers={"Accept-Language": tag}
        )

    english, german = asked("en"), asked("de")

    assert english.json()["reason"]["kind"] == german.json()["reason"]["kind"]
    assert english.json()["reason"]["detail"] != german.json()["reason"]["detail"]
    assert german.headers["content-language"] == "de"
