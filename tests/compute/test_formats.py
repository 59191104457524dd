"""What the formats of Nova's schemas take, and how they word a refusal."""

from __future__ import annotations

import pytest

from emulator.compute.formats import FORMATS, InvalidName, moment, printable_pattern


@pytest.mark.parametrize("text", ["", "a", "a b", "é", "abc\n", "日本"])
def test_a_name_is_printable_and_trimmed(text: str) -> None:
    assert FORMATS["name"](text)


@pytest.mark.parametrize("text", [" a", "a ", "\n", "a\x00", "a\u2028b", "\U0001f600", 5, None])
def test_a_name_that_is_none_is_refused_in_its_own_words(text: object) -> None:
    with pytest.raises(InvalidName) as refusal:
        FORMATS["name"](text)
    assert refusal.value.message == (
        "An invalid 'name' value was provided. The name must be: "
        "printable characters. Can not start or end with whitespace."
    )


def test_the_name_of_a_zone_has_no_colon() -> None:
    assert FORMATS["az_name"]("zone 1")
    with pytest.raises(InvalidName):
        FORMATS["az_name"]("a:b")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026", "2026-01-01T00:00:00.000000"),
        ("2026-1-2", "2026-01-02T00:00:00.000000"),
        ("20260102", "2026-01-02T00:00:00.000000"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000"),
        ("2026-01-02 03:04", "2026-01-02T03:04:00.000000"),
        ("2026-01-02T03:04:05.1234567+02:00", "2026-01-02T01:04:05.123456"),
    ],
)
def test_a_moment_has_any_precision(written: str, kept: str) -> None:
    assert FORMATS["date-time"](written)
    assert moment(written) == kept


@pytest.mark.parametrize("text", ["", "x", "202601", "2026-13-01", "2026-01-01T25:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    assert not FORMATS["date-time"](text)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("uuid", "0" * 32, "0" * 31),
        ("ipv4", "10.0.0.1", "10.0.0"),
        ("ipv6", "::1", "10.0.0.1"),
        ("cidr", "10.0.0.1/8", "10.0.0.1"),
        ("uri", "http://host/path", "host/path"),
        ("base64", "YQ==", "YQ"),
        ("regex", "^a", ""),
    ],
)
def test_a_format_takes_the_good_and_refuses_the_bad(kind: str, good: str, bad: str) -> None:
    assert FORMATS[kind](good)
    assert not FORMATS[kind](bad)


def test_the_pattern_of_printable_text_is_quoted_as_nova_builds_it() -> None:
    assert printable_pattern().startswith("^[\\ -\\~\xa0-¬®-ͷ")
