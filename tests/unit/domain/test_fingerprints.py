"""The same error has the same fingerprint, whatever it happened to; another error has another one."""

from __future__ import annotations

import base64
import re
import time
import traceback
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from execution_ops.domain.fingerprints import (
    FRAME_MAX,
    MESSAGE_CONSIDERED,
    STACK_CONSIDERED,
    TEMPLATE_MAX,
    fingerprint,
    normalise,
    top_frame,
)
from execution_ops.domain.sizes import describe_bytes
from execution_ops.domain.times import describe_duration

WORDS = [
    ("job 019ab107-5a2f-7abc-8def-0123456789ab is gone", "job <id> is gone"),
    (f"layer sha256:{'ab12' * 16} and {'0f' * 20}", "layer <id> and <id>"),
    ("The artifact 0123456789ab… is not here", "The artifact <id>… is not here"),
    ("<Thing object at 0x7f3a9c00>", "<Thing object at <id>>"),
    ("token abcDEF123_xyz-0987654321 expired", "token <id> expired"),
    ("scan-7f3a9c2d failed", "scan-<id> failed"),
    ("connect to 10.0.0.1:5432 or 10.0.0.2", "connect to <address> or <address>"),
    ("from ::1, fe80::1%eth0 and [2001:db8::1]:80", "from <address>, <address> and <address>"),
    ("db.internal:5432: connection refused", "<address>: connection refused"),
    ("connection to redis:6379 and localhost:80", "connection to <address> and <address>"),
    ("mail to bob@example.org bounced", "mail to <address> bounced"),
    ("GET https://u@example.org/v1/x?y=1). Next", "GET <url>). Next"),
    ("/srv/in/b-1.tar.gz is damaged.", "<path> is damaged."),
    ("saved in ~/x, ../y.txt and src/app/main.py:12", "saved in <path>, <path> and <path>"),
    ("C:\\Program Files\\X\\y.exe and D:\\b.", "<path> and <path>."),
    ("\\\\host\\share\\a b\\c.txt", "<path>"),
    ("at 2026-11-24T10:00:00.123Z, 2026-11-24 or 10:30: late", "at <time>, <time> or <time>: late"),
    ("2026-11-24 10:00:00,5 +01:00 and 24.11.2026", "<time> and <time>"),
    ("stopped after 4m 29s", "stopped after <n>"),
    ("stopped after 14.6 s.", "stopped after <n>."),
    ("has 1,024 MiB, 3 files, -5 %", "has <n>, <n> files, <n>"),
    ("1e-3 of 5-10", "<n> of <n>-<n>"),
    ("code:404", "code:<n>"),
    ("KeyError: 'user'", "KeyError: 'user'"),
    ("KeyError: 'user7'", "KeyError: '<text>'"),
    ("open('/etc/x')", "open('<text>')"),
    ('role "a rather long name for what it does"', 'role "<text>"'),
    ("it's one and/or two, text/plain", "it's one and/or two, text/plain"),
    ("index.json is missing", "index.json is missing"),
    ("std::string is no address", "std::string is no address"),
    ("app.py:12", "app.py:<n>"),
    ("  two\n\tlines ", "two lines"),
    ("", ""),
]
SEPARATE = [
    ("layer.tar is missing", "index.json is missing"),
    ("connection refused", "connection reset"),
    ("'name' is required", "'width' is required"),
    ("cannot read 5 files", "cannot write 5 files"),
    ("No module named 'requests'", "No module named 'numpy'"),
]
HOSTILE = ("a", "1", "'", "\\'", "/", "a/", "a.", "a-", "a@", "x@x.", "a:", "<", "<n>", "http://", "aA1-", "0:", "1 s ")
HOSTILE += ("C:\\", "\n", " '\"`", "1.", "to a", "a1b2c3d4-", "\\\\a b", "~", "::", 'File "', '\n  File "', "\0", "é1")

SENTENCES = (
    "cannot work on {} today",
    "{} is broken. Try again",
    "lost ({}), so it ended",
    "first {}, then {}",
    "what={} failed: no luck with {}",
    "value '{}' is refused",
)
NAME = st.from_regex(r"[a-z]{1,12}[0-9]{0,4}", fullmatch=True)
HOST = st.tuples(NAME, st.from_regex(r"[a-z]{2,10}", fullmatch=True)).map(".".join)
WHEN = st.datetimes(timezones=st.just(UTC))
VALUES: dict[str, st.SearchStrategy[str]] = {
    "id": st.one_of(
        st.uuids().map(str),
        st.binary(min_size=16, max_size=32).map(bytes.hex),
        st.binary(min_size=20, max_size=20).map(lambda raw: f"sha1:{raw.hex()}"),
        st.integers(min_value=0).map(hex),
        st.binary(min_size=24, max_size=33)
        .map(lambda raw: base64.urlsafe_b64encode(raw).decode())
        .filter(lambda text: all(re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]")) and text[0] not in "-_")
        .filter(lambda text: not text.rstrip("=").endswith(("-", "_"))),
    ),
    "address": st.one_of(
        st.ip_addresses(v=4).map(str),
        st.ip_addresses(v=6).map(str).filter(lambda text: any(map(str.isdigit, text))),
        st.tuples(st.ip_addresses(v=4), st.integers(1, 65_535)).map(lambda pair: f"{pair[0]}:{pair[1]}"),
        st.tuples(HOST, st.integers(1, 65_535)).map(lambda pair: f"{pair[0]}:{pair[1]}"),
        st.tuples(NAME, HOST).map("@".join),
    ),
    "url": st.tuples(st.sampled_from(["http", "https", "postgresql+psycopg"]), HOST, NAME).map(
        lambda parts: f"{parts[0]}://{parts[1]}/{parts[2]}?page=1"
    ),
    "path": st.one_of(
        st.lists(NAME, min_size=1, max_size=6).map(lambda names: "/" + "/".join(names)),
        st.lists(NAME, min_size=1, max_size=6).map(lambda names: "C:\\" + "\\".join(names) + ".txt"),
        st.lists(NAME, min_size=3, max_size=6).map("/".join),
    ),
    "time": st.one_of(
        WHEN.map(lambda when: when.isoformat()),
        WHEN.map(lambda when: when.isoformat(" ", "milliseconds").replace("+00:00", "Z")),
        WHEN.map(lambda when: when.date().isoformat()),
        WHEN.map(lambda when: when.strftime("%H:%M:%S")),
    ),
    "n": st.one_of(
        st.integers(-(10**15), 10**15).map(str),
        st.integers(0, 10**12).map(lambda number: f"{number:,}"),
        st.floats(allow_nan=False, allow_infinity=False).map(str),
        st.integers(0, 10**13).map(describe_bytes),
        st.integers(0, 10**10).map(describe_duration),
    ),
}
PIECES = ("<n>", "<id>", "<", "'", '"', "/", "http://", "a@b.c", ":80", "10:20", "::1", "1.2.3.4", "C:\\", " ", "to ")
PIECES += ("deadbeef1", "x", "ms", "5", "text>", "`", "-", "f" * 32, "F" * 16, "\\", ".", "2026-11-24", "T10:00", "~")
TEXTS = (
    st.text(max_size=100)
    | st.text(alphabet="aAfz059 '\"`/\\.:;-_@<>=+~[]()|,%TZn\n{}é", max_size=60)
    | st.lists(st.sampled_from(PIECES), max_size=150).map("".join)
)


@pytest.mark.parametrize(("message", "template"), WORDS)
def test_particulars_become_placeholders(message: str, template: str) -> None:
    assert normalise(message) == template


@given(st.data(), st.sampled_from(sorted(VALUES)), st.sampled_from(SENTENCES))
def test_messages_that_differ_in_particulars_have_the_same_template(
    data: st.DataObject, kind: str, sentence: str
) -> None:
    one, other = (sentence.format(data.draw(VALUES[kind]), data.draw(VALUES[kind])) for _ in range(2))
    if "'" in sentence:
        # In quotes it depends on what is in them; an address may be short and plain.
        assume(all(re.search(r"[\d/\\]|@", message) for message in (one, other)))
    assert normalise(one) == normalise(other)
    assert "'" in sentence or f"<{kind}>" in normalise(one)


@pytest.mark.parametrize(("one", "other"), SEPARATE)
def test_messages_with_other_words_have_other_templates(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@given(st.lists(st.from_regex(r"[g-z]{1,9}", fullmatch=True), min_size=1, max_size=20).map(" ".join))
def test_plain_words_stay(message: str) -> None:
    assert normalise(message) == message


@given(TEXTS)
@example("5'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'")
@example("1 " * 200)
def test_normalising_twice_changes_nothing_more(message: str) -> None:
    once = normalise(message)
    assert normalise(once) == once
    assert len(once) <= TEMPLATE_MAX
    assert once == " ".join(once.split())


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_costs_no_more_than_its_beginning(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begun = time.process_time()
    assert normalise(text) == normalise(text[:MESSAGE_CONSIDERED])
    assert top_frame(text) == top_frame(text[-STACK_CONSIDERED:])
    assert time.process_time() - begun < 1


def frames(*places: str, error: str = "ValueError: no") -> str:
    """The text of a traceback through these places, outermost first."""
    pairs = (place.rsplit(" ", 1) for place in places)
    lines = "".join(f'  File "{path}", line 7, in {name}\n    {name}()\n' for path, name in pairs)
    return f"Traceback (most recent call last):\n{lines}{error}\n"


OWN = "/srv/app/my_jobs/reports.py fetch"
CALLER = "/srv/app/execution_ops/backends/embedded/workflow.py _handle"
LIBRARY = "/srv/app/.venv/lib/python3.11/site-packages/httpx/_client.py send"
SYSTEM = "/usr/lib/python3/dist-packages/yaml/scanner.py scan"
STANDARD = "/usr/lib/python3.11/json/decoder.py decode"
FROZEN = "<frozen importlib._bootstrap> _find_and_load"
CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"


@pytest.mark.parametrize(
    ("stack", "frame"),
    [
        (frames(CALLER, OWN), "my_jobs/reports.py:fetch"),
        (frames(CALLER, OWN, LIBRARY, SYSTEM, STANDARD, FROZEN), "my_jobs/reports.py:fetch"),
        (frames(LIBRARY, STANDARD), "json/decoder.py:decode"),
        (frames("reports.py <module>"), "reports.py:<module>"),
        (frames("C:\\app\\my_jobs\\reports.py fetch"), "my_jobs/reports.py:fetch"),
        (frames(OWN, "C:\\Python311\\Lib\\json\\decoder.py decode"), "my_jobs/reports.py:fetch"),
        (frames(OWN, "C:\\v\\Lib\\site-packages\\a\\b.py f"), "my_jobs/reports.py:fetch"),
        (frames(OWN) + CAUSED + frames(CALLER, LIBRARY), "httpx/_client.py:send"),
        (frames(OWN) + CAUSED + frames(LIBRARY), "httpx/_client.py:send"),
        (frames(OWN, error='SyntaxError: no\n  File "x.py", line 1'), "my_jobs/reports.py:fetch"),
        (frames(OWN, error='E: said File "/x.py", line 1, in f'), "my_jobs/reports.py:fetch"),
        (frames(OWN, *[LIBRARY] * 60), "my_jobs/reports.py:fetch"),
        (frames(f"/{'x' * 300}.py f"), "x" * FRAME_MAX),
        ("…\n" + frames(OWN).partition("\n")[2], "my_jobs/reports.py:fetch"),
        ("ValueError: no traceback", ""),
        ("Traceback (most recent call last):\n", ""),
        ("", ""),
    ],
)
def test_the_deepest_own_frame_of_the_last_traceback_counts(stack: str, frame: str) -> None:
    assert top_frame(stack) == frame


def raises() -> None:
    """Fail as a handler does that puts an error into words."""
    try:
        int("x")
    except ValueError as error:
        raise RuntimeError("in words") from error


def test_a_real_traceback_is_read() -> None:
    here = f"{Path(__file__).parent.name}/{Path(__file__).name}"
    with pytest.raises(RuntimeError) as caught:
        raises()
    assert top_frame("".join(traceback.format_exception(caught.value))) == f"{here}:raises"
    group = ExceptionGroup("two", [caught.value, KeyError("x")])
    assert top_frame("".join(traceback.format_exception(group))) == f"{here}:raises"


@given(
    TEXTS
    | st.lists(st.sampled_from(("Traceback (most recent call last):\n", '  File "', '", line 1, in ', "a", "\n"))).map(
        "".join
    )
)
def test_any_text_may_be_a_stack(stack: str) -> None:
    assert len(top_frame(stack)) <= FRAME_MAX
    assert "\n" not in top_frame(stack)


def test_a_fingerprint_is_of_type_template_frame_and_category() -> None:
    one = fingerprint("ValueError", "row 5 of /a/b", frames(OWN))
    assert one.template == "row <n> of <path>"
    assert one.frame == "my_jobs/reports.py:fetch"
    assert re.fullmatch(r"[0-9a-f]{16}", one.digest)
    # Groups are stored under it: it must be the same in every version.
    assert one.digest == "3e820f4717f850dd"
    assert fingerprint("ValueError", "row 6 of /c", frames(OWN).replace("line 7", "line 9")) == one
    others = [
        fingerprint("KeyError", "row 5 of /a/b", frames(OWN)),
        fingerprint("ValueError", "column 5 of /a/b", frames(OWN)),
        fingerprint("ValueError", "row 5 of /a/b", frames(CALLER)),
        fingerprint("ValueError", "row 5 of /a/b", frames(OWN), "validation"),
    ]
    assert len({one.digest, *(other.digest for other in others)}) == 5


@given(TEXTS, TEXTS, TEXTS)
@example("\ud800", "\ud800", "\ud800")
def test_every_failure_has_a_fingerprint(error_type: str, message: str, stack: str) -> None:
    assert fingerprint(error_type, message, stack) == fingerprint(error_type, message, stack)


@pytest.mark.parametrize(
    "message",
    [
        "login failed: password_1=hunterword",
        "DB_PASSWORD2: hunterword",
        "api_key.10.0.0.1=hunterword",
        "Authorization: Bearer hunter7word",
        "sent Bearer hunterword1abcdef to 10.0.0.1",
    ],
)
def test_no_secret_gets_into_a_template_or_splits_a_group(message: str) -> None:
    one = fingerprint("ValueError", message, "")
    assert "hunter" not in one.template
    assert "word1" not in one.template
    assert fingerprint("ValueError", message.replace("hunter", "fisher"), "") == one
