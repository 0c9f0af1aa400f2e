"""What makes two failures the same error: the type, the message without its particulars, and the place.

Two thousand failed jobs are often three errors. Their messages differ in ids, numbers, paths, times
and addresses; `normalise` puts a word in angle brackets for each of those, so what is left is what
the messages have in common.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

from execution_ops.domain.redaction import redact_text

TEMPLATE_MAX = 300
FRAME_MAX = 200
# What is looked at: enough for any sentence, and a bound on the work that hostile text can cause.
MESSAGE_CONSIDERED = 2_000
# The ledger keeps both ends of a long stack; this much of its end is always in one piece.
STACK_CONSIDERED = 15_000
_DIGEST_CHARS = 16
# A quoted string as long as this says what was worked on, a shorter one is often a name that matters.
_QUOTED_LONG = 32

_URL = r"""(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]"""

_ZONE = r"(?:\ ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_CLOCK = rf"\d{{1,2}}:\d\d(?::\d\d(?:[.,]\d+)?)?(?:\ ?[AaPp][Mm])?{_ZONE}"
_TIME = rf"""
    (?<![\w.:/-])(?:
        \d{{4}}(?P<dash>[-/.])\d\d?(?P=dash)\d\d?(?:[T\ ]{_CLOCK})?
      | \d\d?(?P<slash>[/.])\d\d?(?P=slash)\d{{4}}(?:[T\ ]{_CLOCK})?
      | {_CLOCK}
      | \d{{8}}T\d{{4,6}}Z?
    )(?![\w/]|[.:-]\w)
"""

# What ends a path. A file's name alone stays: "index.json is missing" is not "layer.tar is missing".
_NO = r"""<>"'`|:;,*?()\[\]{}="""
_PATH = rf"""
    (?:
        # POSIX, absolute or from ~, . or ..
        (?<![\w<>./~-])(?:~[\w-]{{0,32}}|\.\.?)?/[^\s{_NO}]*[^\s{_NO}.!]
        # Windows: after a drive or two backslashes; a folder may have blanks in its name.
      | (?<![A-Za-z0-9])(?:[A-Za-z]:[\\/]|\\\\)
            (?:[^\s<>"'`|:;,*?/\\](?:[^<>"'`|:;,*?/\\]{{0,80}}[^\s<>"'`|:;,*?/\\])?\\)*+(?:[^\s{_NO}]*[^\s{_NO}.!])?
        # Relative: two slashes, or one and a suffix; "and/or" and "text/plain" are words.
      | (?<![\w<>./@~+-])(?:[\w.@~+-]++/){{2,}}+(?:[\w.@~+-]*[\w@~+-])?
      | (?<![\w<>./@~+-])[\w.@~+-]++/[\w@~+-]+(?:\.[\w@~+-]+)*\.[A-Za-z][A-Za-z0-9]{{0,4}}(?![\w+])
    )(?::\d+(?:[.:]\d+)*)?
"""

_ID = r"""
    (?<![A-Za-z0-9])(?:
        [0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}
      | 0[xX][0-9A-Fa-f]++
      | (?:(?:sha|md|blake)\w{1,4}[:-])?[0-9A-Fa-f]{32,}+
      | (?<![\w+/-])(?=[\w+/-]*?[0-9])(?=[\w+/-]*?[A-Z])(?=[\w+/-]*?[a-z])[A-Za-z0-9_+/-]{20,}+={0,2}
        # A short digest has digits and letters, or it is a number or a word.
      | (?=[A-Fa-f]*[0-9])(?=[0-9]*[A-Fa-f])[0-9A-Fa-f]{7,}+
      | (?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}+
    )(?![A-Za-z0-9])
"""

_IP4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_IP6 = rf"(?=[A-Fa-f:]*[0-9])(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}(?:{_IP4}|[0-9A-Fa-f]{{0,4}})(?:%\w+)?"
# What follows the dot of a source file with a line number is no top-level domain.
_SUFFIX = r"(?:py|pyx|js|jsx|ts|tsx|go|rs|c|cc|cpp|h|java|kt|rb|php|sh|sql|json|yaml|yml|toml|xml|txt|log|cfg|ini)\b"
_ADDRESS = rf"""
    (?:
        (?<![\w.+-])[\w.+-]{{1,64}}+@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}
      | (?<![\w.:-])(?:{_IP4}(?![\w-]|\.\d)|\[{_IP6}\]|{_IP6}(?![\w:]))
      | (?<![\w.-])(?:
            [A-Za-z0-9][\w-]{{0,62}}(?:\.[\w-]{{1,63}}){{0,8}}\.(?!{_SUFFIX})[A-Za-z][\w-]{{1,62}}
          | localhost
            # One word before a number is a key and its value, but for where a host is named.
          | (?:(?<=\bto\ )|(?<=\bat\ )|(?<=\bon\ )|(?<=\bfrom\ )|(?<=\bhost\ )|(?<=\bhost=))[A-Za-z][\w-]{{0,62}}
        )(?=:\d{{1,5}}(?!\w|:\w))
    )(?:/\d{{1,3}}(?![\w.]))?(?::\d{{1,5}}(?!\w|:\w))?(?:/[^\s<>"'`,;)\]}}]*[^\s<>"'`.,:;!?)\]}}])?
"""

_UNIT = r"""
    \ ?(?:[nuµμm]?s|secs?|(?:milli)?seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?
        |bytes?|[kKMGTP]i?[Bb]?|B|%)
    (?![A-Za-z_])
"""
_NUMBER = rf"""
    (?:(?<![\w<>)\]-])[-+])?\d+(?:[.,_]\d+)*+(?:[eE][-+]?\d+(?!\w))?
    (?:{_UNIT}(?:\ ?\d+(?:\.\d+)?{_UNIT})*)?
"""

_PARTICULARS = re.compile(
    rf"""
    # Plain words, many at a time: no alternative below can begin in them.
    (?P<words>(?:[^\W\d_]{{1,31}}[.,;:)!?]{{0,2}}\ )++)
    # What stands for something already, so that normalising twice changes nothing more.
  | (?P<kept><(?:id|address|url|path|time|n|text)>)
  | (?P<text>(?<!\w)(?P<quote>["'`])(?P<quoted>(?:(?!(?P=quote))[^\\]|\\.)*+)(?P=quote)(?!\w))
  | (?P<url>{_URL})
  | (?P<time>{_TIME})
  | (?P<path>{_PATH})
  | (?P<address>{_ADDRESS})
  | (?P<id>{_ID})
  | (?P<n>{_NUMBER})
    # Nothing begins in the middle of a word.
  | (?P<word>[^\W\d_]+)
    """,
    re.VERBOSE,
)
# Makes a short quoted string a particular.
_VARIES = re.compile(r"[\d/\\@]|<(?:id|address|url|path|time|n|text)>")
_KEPT = frozenset({"words", "kept", "word"})
# What another round may change: every alternative needs one of these.
_UNSETTLED = re.compile(r"[\d/\\@]|[\"'`](?<!<text>.)(?!<text>)|[A-Fa-f]{32}")
_CUT = re.compile(r"\s*(?:<[a-z]*)?\Z")

_TRACEBACK = "Traceback (most recent call last):\n"
_FRAME = re.compile(r'[ \t|]*File "([^"\r\n]+)", line \d+, in ([^\r\n]+)')
# A virtual environment, the standard library on POSIX and Windows, code of no file (<frozen …>, <string>), and
# what calls every handler.
_FOREIGN = re.compile(
    r"(?:site|dist)-packages/|/lib(?:64)?/python3\.|/python3\d+/lib/|\A<|/execution_ops/backends/", re.IGNORECASE
)


class Fingerprint(NamedTuple):
    """What two failures have in common when they are the same error.

    `digest` is 16 hexadecimal characters over the error type, the category and the two others,
    `template` the normalised message, `frame` the place of the handler that failed (`top_frame`).
    """

    digest: str
    template: str
    frame: str


def fingerprint(error_type: str, message: str, stack: str, category: str = "") -> Fingerprint:
    """The fingerprint of a failure. Equal digests mean the same error; any text will do.

    `category` keeps apart what one template hides: "status <n>" was 404 or 503. Secrets are hidden
    first: with placeholders in it, nobody could tell any more that a text is one.
    """
    template, frame = normalise(redact_text(message[:MESSAGE_CONSIDERED])), top_frame(stack)
    whole = "\0".join((error_type, template, frame, category)).encode("utf-8", "backslashreplace")
    return Fingerprint(hashlib.sha256(whole).hexdigest()[:_DIGEST_CHARS], template, frame)


def normalise(message: str) -> str:
    """The message with a placeholder for each particular, on one line, of 300 characters at most.

    Placeholders are `<id>` (UUIDs, digests, tokens, 0x…), `<address>` (IP addresses, hosts with a
    port, e-mail), `<url>`, `<path>` (POSIX and Windows), `<time>` (ISO dates, timestamps, clocks)
    and `<n>` (any other number with its unit). A quoted string becomes `'<text>'` if it has 32
    characters or more, a digit, or what paths and addresses are made of (a slash, a backslash, @);
    other ones stay, as they are names that tell errors apart (KeyError: 'user').

    Only the first 2,000 characters count. Normalising what is normalised changes nothing.
    """
    text = _once(message[:MESSAGE_CONSIDERED])
    # Each round has fewer characters outside of placeholders than the one before, so this ends.
    while _UNSETTLED.search(text) and (again := _once(text)) != text:
        text = again
    return text


def _once(text: str) -> str:
    text = " ".join(_PARTICULARS.sub(_placeholder, " ".join(text.split())).split())
    if len(text) <= TEMPLATE_MAX:
        return text
    # Not half a placeholder at the end.
    return _CUT.sub("", text[:TEMPLATE_MAX])


def _placeholder(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind in _KEPT:
        return match[0]
    if kind != "text":
        return f"<{kind}>"
    quoted = match["quoted"]
    if quoted == "<text>" or (len(quoted) < _QUOTED_LONG and not _VARIES.search(quoted)):
        return match[0]
    return f"{match['quote']}<text>{match['quote']}"


def top_frame(stack: str) -> str:
    """The deepest own frame of a traceback's text as `module/file.py:function`; empty for no traceback.

    Own is what lies neither in site-packages nor in the standard library and is a file: that is
    where the handler's authors look first. Without one it is the deepest frame at all. The line
    number is left out, so that an edit above it does not make a new error. Of chained tracebacks
    the last one counts, which is the exception that ended the job.
    """
    text = stack[-STACK_CONSIDERED:]
    begin = max(0, text.rfind(_TRACEBACK))
    end, deepest = len(text), ""
    while (at := text.rfind('File "', begin, end)) >= 0:
        end = max(begin, text.rfind("\n", begin, at) + 1)
        frame = _FRAME.match(text, end)
        if frame is None:
            continue
        own, name = _named(frame[1], frame[2])
        if own:
            return name
        deepest = deepest or name
    return deepest


# A worker's failures come from few places, so the names of those are kept.
@lru_cache(maxsize=1024)
def _named(path: str, function: str) -> tuple[bool, str]:
    """Whether a frame is own, and how it is called."""
    path = path.replace("\\", "/")
    short = "/".join(path.rsplit("/", 2)[-2:]).lstrip("/")
    return _FOREIGN.search(path) is None, f"{short}:{function}"[:FRAME_MAX]
