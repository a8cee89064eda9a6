"""Where calls to other programs may go, and how they are signed."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules import webhooks as rules
from clinic_desk.rules.errors import Invalid

TEN, HOME = str(IPv4Address(0x0A000001)), str(IPv4Address(0xC0A80109))
"""Numbers of private networks."""


def test_the_signature_is_the_one_of_the_specification():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    mark = rules.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert mark == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "ftp://example.org/", "http://example.org/", "https://", "https:///x",
        "https://user:pass@example.org/", "https://example.org/#x", "https://exa mple.org/",
        "https://example.org/\r\nHost: x", "https://localhost/", "https://127.0.0.1/",
        f"https://{TEN}/", "https://[::1]/", "https://[fd00::1]/", "https://169.254.169.254/",
        "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/", "https://printer.local/",
        "https://example.org:99999/", "https://example.org:0/", "http://localhost/",
        "https://" + "x" * 600, "https://exämple.org/",
    ],
)  # fmt: skip
def test_an_address_that_must_not_be_called_is_refused(url):
    with pytest.raises(Invalid) as refused:
        rules.checked_url(url, inside=False)
    assert refused.value.field == "url"
    assert refused.value.way_out


@pytest.mark.parametrize(
    ("address", "outside", "inside"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1::1", True, True),
        (TEN, False, True),
        (HOME, False, True),
        ("100.64.3.4", False, True),
        ("fd12::1", False, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:a00:1", False, True),
        ("64:ff9b::a00:1", False, True),
        ("2002:a00:1::", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("224.0.0.1", False, False),
        ("240.0.0.1", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("fec0::1", False, False),
        ("::a00:1", False, False),
        ("::ffff:0:a00:1", False, False),
        ("64:ff9b:1::a00:1", False, False),
        ("name", False, False),
    ],
)
def test_numbers_inside_a_network_are_called_only_where_that_is_ticked(address, outside, inside):
    assert rules.may_call(address) is outside
    assert rules.may_call(address, inside=True) is inside


@given(st.ip_addresses())
def test_who_may_be_called_from_outside_is_on_the_internet(address):
    if rules.may_call(str(address)):
        assert address.is_global
        assert not address.is_multicast
