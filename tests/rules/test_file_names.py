"""Which files are kept, and under which names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_desk.rules.errors import Invalid
from clinic_desk.rules.file_names import LONGEST, TYPES, kept_name, media_type


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("X-ray.PDF", "X-ray.PDF"),
        ("C:\\scans\\tooth.jpg", "tooth.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("con.txt", "_con.txt"),
        ("COM1.old.pdf", "_COM1.old.pdf"),
        ("a\u202efdp.txt", "afdp.txt"),
        ("what? <me>.png", "what_ _me_.png"),
        ("Röntgen 王.pdf", "Röntgen 王.pdf"),
        ("x" * 400 + ".pdf", "x" * (LONGEST - 4) + ".pdf"),
    ],
)
def test_a_name_is_made_fit_for_every_system(name, kept):
    assert kept_name(name) == kept


@pytest.mark.parametrize(
    "name", ["run.exe", "macro.docm", "x.js", "x.pdf.lnk", "none", ".pdf", "", "..", "a.", "x.svg"]
)
def test_what_a_system_would_run_is_not_kept(name):
    with pytest.raises(Invalid):
        kept_name(name)


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("x.pdf", b"MZ\x90"),
        ("x.pdf", b"<html>"),
        ("x.txt", b"#!/bin/sh"),
        ("x.txt", b"\x7fELF"),
        ("x.png", b"\xff\xd8\xff"),
        ("x.docx", b"\xd0\xcf\x11\xe0"),
        ("x.exe", b"MZ"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused(name, beginning):
    with pytest.raises(Invalid):
        media_type(name, beginning)


def test_a_type_follows_from_name_and_beginning():
    assert media_type("x.PDF", b"%PDF-1.7") == "application/pdf"
    assert media_type("x.txt", b"hello") == "text/plain"


@given(st.text(max_size=300), st.sampled_from(sorted(TYPES)))
def test_a_kept_name_stays_as_it_is(stem, ending):
    try:
        kept = kept_name(f"{stem}.{ending}")
    except Invalid:
        return
    assert kept_name(kept) == kept
    assert not set(kept) & set('/\\<>:"|?*\0\n')
    assert len(kept) <= LONGEST
