"""Strict parameters meet inputs nobody thought of (R5 to R8)."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.serializers import ReadUsers, SignUp
from cody_site.api.params import Text, parse
from cody_site.errors import Missing, Mistyped
from reservations.serializers import ChangeReservations, ReadReservations, Reserve

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
RESERVE_KEYS = st.sampled_from(["time", "id", "designer_id", "note", "photo"])
FILTER_KEYS = st.sampled_from(["id", "userid", "status", "designerid", "date", "time"])


@given(st.dictionaries(RESERVE_KEYS, JSON))
@settings(max_examples=200)
def test_whatever_is_sent_is_understood_or_refused(body):
    try:
        wish = parse(Reserve, body)
    except Mistyped:
        return
    assert {"time", "id", "designer_id"} <= wish.keys()
    assert len(wish.get("note", "")) <= 1000


@given(st.dictionaries(FILTER_KEYS, JSON, min_size=1))
@settings(max_examples=200)
def test_a_filter_says_what_it_was_given_or_is_refused(rule):
    try:
        selection = parse(ReadReservations, {"rule": rule})["rule"]
    except Mistyped:
        return
    assert len(selection.lookups) == len(rule)
    assert json.loads(selection.text) == rule
    assert not selection.everything


@given(st.text(max_size=40))
def test_a_userid_is_ascii_or_refused(text):
    body = {"time": "20260305-10:00", "id": text, "designer_id": "kim"}
    if re.fullmatch(r"[A-Za-z0-9._@+-]{1,30}", text):
        assert parse(Reserve, body)["id"] == text
    else:
        with pytest.raises(Mistyped):
            parse(Reserve, body)


@given(st.integers() | st.text("0123456789-+ ._eE１²", max_size=22))
def test_an_integer_is_ascii_digits_or_refused(value):
    body = {"rule": {"id": value}}
    fits = re.fullmatch(r"-?[0-9]{1,18}", str(value), re.ASCII)
    if fits:
        assert parse(ReadReservations, body)["rule"].lookups == {"pk": int(value)}
    else:
        with pytest.raises(Mistyped):
            parse(ReadReservations, body)


@given(st.text("0123456789:-", max_size=16))
@settings(max_examples=300)
def test_a_moment_exists_or_is_refused(text):
    body = {"time": text, "id": "hong", "designer_id": "kim"}
    try:
        when = parse(Reserve, body)["time"]
    except Mistyped:
        return
    assert f"{when.year:04}{when:%m%d-%H:%M}" == text


@pytest.mark.parametrize("value", ["0", 0, "-0", "00"])
def test_zero_is_not_missing(value):
    assert parse(ReadReservations, {"rule": {"status": value}})["rule"].lookups == {"status": 0}


def test_json_parameters_of_forms_are_json_text_and_of_json_are_json():
    assert parse(ReadUsers, {"rule": Text('{"type":1}')})["rule"].lookups == {"type": 1}
    assert parse(ReadUsers, {"rule": {"type": 1}})["rule"].lookups == {"type": 1}
    with pytest.raises(Mistyped):
        parse(ReadUsers, {"rule": '{"type":1}'})


@pytest.mark.parametrize("photo", [["a"], '["a"]', Text('["a"]')])
def test_arrays_may_be_stringified(photo):
    body = {"time": "20260305-10:00", "id": "hong", "designer_id": "kim", "photo": photo}

    assert parse(Reserve, body)["photo"] == ["a"]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("010-1234-5678", "+821012345678"),
        ("01012345678", "+821012345678"),
        ("+821012345678", "+821012345678"),
        ("+82 10 1234 5678", "+821012345678"),
        ("821012345678", "+821012345678"),
        ("02-123-4567", "+8221234567"),
        ("+1 202 555 0100", "+12025550100"),
    ],
)
def test_telephone_numbers_are_stored_as_e164(given, stored):
    body = {
        "userid": "hong",
        "pw": "x",
        "type": 1,
        "name": "홍",
        "pn": given,
        "email": "h@example.com",
        "birth": "1990.01.01",
    }

    assert parse(SignUp, body)["pn"] == stored


def test_text_is_taken_as_it_is():
    body = {"time": "20260305-10:00", "id": "hong", "designer_id": "kim", "note": "  두 칸\n줄바꿈 "}

    assert parse(Reserve, body)["note"] == "  두 칸\n줄바꿈 "


@pytest.mark.parametrize("note", ["\0", "\ud800", "a\udfffb"])
def test_text_that_no_database_stores_is_refused(note):
    with pytest.raises(Mistyped):
        parse(ChangeReservations, {"base": "all", "data": {"note": note}})


def test_missing_comes_before_mistyped():
    with pytest.raises(Missing):
        parse(Reserve, {"time": "wrong", "id": "hong"})
