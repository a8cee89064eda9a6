"""What is wrong with the shape of a request: each field, a word for programs that stays the same
whatever library judges it, and a sentence that says what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from fastapi import Request
from pydantic import BaseModel

from clinic_desk.i18n import filled
from clinic_desk.rules.words import N_
from clinic_desk.web import matching, times


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    code: str
    detail: str


MALFORMED: Final = "malformed"

CODES: Final[Mapping[str, str]] = {
    "missing": "missing",
    "extra_forbidden": "no-such-field",
    "string_too_long": "too-long",
    "too_long": "too-long",
    "string_too_short": "too-short",
    "greater_than_equal": "too-small",
    "less_than_equal": "too-large",
    "enum": "not-listed",
    "literal_error": "not-listed",
    "json_invalid": "not-json",
    "value_error": "null",
    "repeated": "repeated",
}
"""Our word for what the framework calls a fault; all others are ``malformed``."""

WORDS: Final = (
    *dict.fromkeys(CODES.values()),
    *(MALFORMED, "invalid", "unknown", "no-such-time", "two-times"),
)
"""All that may be wrong with a field: its shape, what a rule says of it, the record it names, or
an hour that the clocks skip or repeat."""

EMPTY = N_("This is empty.")
NO_FIELD = N_("There is no such field.")
FIELDS = N_("There is no such field; there are: {known}.")
AS_JSON = N_("Send a JSON object, with the header “Content-Type: application/json”.")
PLUS = N_("A plus sign in an address is written %2B.")
A_TIME = N_(
    "Write a time as 2027-03-02T10:00:00, the clock at the location, or as that instant with Z or"
    " an offset such as -05:00 behind it."
)
AN_EDGE = N_("Write a day as 2027-03-02, or a time as 2027-03-02T10:00:00Z.")
A_TAG = N_('Write it as the ETag was told, such as "3" with its quotation marks.')

_SHAPES = {
    "missing": N_("This field is missing."),
    "string_too_long": N_("This has more than {max_length} characters."),
    "string_too_short": EMPTY,  # nothing has to be longer than one sign
    "string_pattern_mismatch": N_("This has not the form that is asked for: {pattern}"),
    "string_type": N_("This is not a text."),
    "string_unicode": N_("This text holds characters that cannot be shown."),
    "too_long": N_("There are more than {max_length} of these."),
    "greater_than_equal": N_("This is less than {ge}."),
    "less_than_equal": N_("This is more than {le}."),
    "enum": N_("This is none of {expected}."),
    "literal_error": N_("This is none of {expected}."),
    "json_invalid": N_("This is not JSON."),
    "value_error": N_("This may not be null; leave it out where it stays as it is."),
    "repeated": N_("This is given more than once."),
}
_FAMILIES = {
    "uuid": N_("This is not a uuid."),
    "int": N_("This is not a whole number."),
    "bool": N_("This is neither true nor false."),
    "date": N_("This is not a date; write one as 1996-08-10."),
    "model": N_("This is not a JSON object."),
    "dict": N_("This is not a JSON object."),
}
_FORMS: Final[Mapping[str, str]] = {
    times.PATTERN: A_TIME,
    times.EDGE: AN_EDGE,
    matching.PATTERN: A_TAG,
    r"\S": EMPTY,
}
"""A form, not as a program checks it, but as a person reads it."""


def told(request: Request, wrong: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """What the framework found wrong, in our words; nothing of what was sent is sent back."""
    return [_told(request, each) for each in wrong]


def _told(request: Request, wrong: Mapping[str, Any]) -> FieldError:
    where, *inside = wrong["loc"]
    kind = wrong["type"]
    # Of what is no JSON at all the framework says at which letter; a list's place is nobody's name.
    names = [] if kind == "json_invalid" else [p for p in inside if not isinstance(p, int)]
    field = ".".join(names) or str(where)
    code, detail = CODES.get(kind, MALFORMED), ""
    if field == "body" and not _says_json(request):
        code, detail = "not-json", filled(AS_JSON, {})
    elif kind == "extra_forbidden":
        known = ", ".join(_known(request, str(where)))
        detail = filled(FIELDS, {"known": known}) if known else filled(NO_FIELD, {})
    return FieldError(field=field, code=code, detail=detail or _sentence(wrong))


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _known(request: Request, where: str) -> list[str]:
    """The fields that there are, where one was sent that there is not."""
    route = request.scope.get("route")
    if where == "query":
        # The organisation stands in the address, and whoever is asked who asks reads it there.
        return [q for q in getattr(route, "questions", ()) if q not in request.path_params]
    body = getattr(route, "body_field", None)
    if body is None:
        return []
    kind = body.field_info.annotation
    for each in (kind, *get_args(kind)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return list(each.model_fields)
    return []


def _sentence(wrong: Mapping[str, Any]) -> str:
    """What to do about one field, in the language of whoever asks; the framework's own words
    (English) for a kind that nobody thought of.
    """
    kind, context = wrong["type"], wrong.get("ctx", {})
    if kind == "string_pattern_mismatch" and (form := _FORMS.get(context["pattern"])):
        given = wrong.get("input")
        lost = form is AN_EDGE and isinstance(given, str) and " " in given
        return " ".join(filled(text, {}) for text in ((form, PLUS) if lost else (form,)))
    sentence = _SHAPES.get(kind) or _FAMILIES.get(kind.partition("_")[0])
    if sentence is None:
        return f"{wrong['msg']}."
    params = {name: value if name != "pattern" else str(value) for name, value in context.items()}
    try:
        return filled(sentence, params)
    except (KeyError, IndexError):
        return f"{wrong['msg']}."
