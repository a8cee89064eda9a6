"""The short form of the race over HTTP; the long one is ``python -m tests.races.api``."""

from __future__ import annotations

from tests.races import api


def test_64_programs_want_the_same_times_of_a_running_server_and_each_is_given_once(database_url):
    found = api.run(database_url, clients=64, slots=4)

    assert found["clean"], found
    assert found["statuses"] == {201: 4, 409: 63 * 4}
