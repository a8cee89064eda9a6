"""A clinic of one's own, from nothing to the first sign-in."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from clinic_desk.rules.errors import Invalid, Refused
from clinic_desk.services import accounts, check, countries, founding, journal
from clinic_desk.services.founding import Founding
from clinic_desk.services.store import open_store

WISH = Founding(
    clinic="Weiß & Söhne",
    time_zone="Europe/Vienna",
    country="AT",
    rooms=2,
    provider_first_name="Ida",
    provider_last_name="Weiß",
    user_name="Weiß",
    password="correct horse",
)


@pytest.mark.parametrize("name", ["Weiß", "İpek", "ANN", "ﬁona", " Ann Lee "])
def test_the_founder_can_sign_in_however_the_name_is_written(database_url: str, name: str) -> None:
    founding.found(database_url, dataclasses.replace(WISH, user_name=name))
    store = open_store(database_url)
    for typed in (name, name.upper(), name.strip()):
        assert accounts.sign_in(store, typed, WISH.password).name == name.strip()
    assert check.check(store).sound
    store.close()


def test_of_two_founders_at_once_one_is_refused_and_one_clinic_stands(database_url: str) -> None:
    refused: list[str] = []
    start = threading.Barrier(2)

    def one(name: str) -> None:
        start.wait()
        try:
            founding.found(database_url, dataclasses.replace(WISH, user_name=name))
        except Refused as error:
            refused.append(str(error))

    threads = [threading.Thread(target=one, args=(name,)) for name in ("ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = open_store(database_url)
    assert store.rows("SELECT count(*) FROM organisation") == [(1,)]
    assert len(refused) == 1
    store.close()


def test_a_clinic_is_in_a_country_that_there_is(database_url: str) -> None:
    for country in ("", "ZZ", "Austria"):
        with pytest.raises(Invalid) as wrong:
            founding.found(database_url, dataclasses.replace(WISH, country=country))
        assert wrong.value.field == "country"


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Vienna", "AT"), ("Europe/Kiev", "UA"), ("US/Eastern", "US"), ("GB", "GB"),
        ("UTC", ""), ("Etc/GMT+3", ""), ("Mars/Base", ""),
    ],
)  # fmt: skip
def test_the_country_of_a_zone(zone: str, country: str) -> None:
    assert countries.of_zone(zone) == country


def test_the_founding_of_a_clinic_is_not_taken_back(database_url: str) -> None:
    founding.found(database_url, WISH)
    store = open_store(database_url)
    actor = accounts.sign_in(store, WISH.user_name, WISH.password)
    with pytest.raises(Refused, match="cannot be undone"):
        journal.undo(actor, 1)
    store.close()
