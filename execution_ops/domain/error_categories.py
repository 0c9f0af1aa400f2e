"""What kind of failure it is, and so what usually helps: one ordered table of rules."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

# As much of a message as fingerprints consider: a bound on the work.
_CONSIDERED = 2_000


class Category(StrEnum):
    """The kind of a failure."""

    TRANSIENT = "transient"
    NOT_FOUND = "not_found"
    AUTH = "auth"
    RATE_LIMITED = "rate_limited"
    VALIDATION = "validation"
    UPSTREAM = "upstream"
    INTERNAL = "internal"
    CONFLICT = "conflict"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


MEANING: dict[Category, str] = {
    Category.TRANSIENT: "A passing trouble, such as a lost connection, a lock or a full disk. A retry usually helps.",
    Category.NOT_FOUND: "Something that the job needs is not there. Check the name or path, or put it there.",
    Category.AUTH: "Access was refused. Check the credentials and permissions that the worker uses, then retry.",
    Category.RATE_LIMITED: "Another system asked to slow down. Wait, then retry fewer jobs at a time.",
    Category.VALIDATION: "The input is not what the job can take. Correct it and submit a new job.",
    Category.UPSTREAM: "Another system or program failed or does not answer. Check that it is up, then retry.",
    Category.INTERNAL: "The handler or its worker has a fault. Read the stack, deploy a fix, then retry.",
    Category.CONFLICT: "Something else has changed or made the same thing. Look at what is there before a retry.",
    Category.CANCELED: "The work was stopped on request. Retry it if it is still wanted.",
    Category.UNKNOWN: "This error is of no known kind. Read its message and stack.",
}

# Worth the same try again: a passing trouble passes, a limit gives room again, and another system
# comes back. What is missing, refused, wrong, taken or broken is so until somebody changes it; a
# canceled job was stopped on purpose, and of an unknown error nobody knows what it does twice.
RETRYABLE: frozenset[Category] = frozenset({Category.TRANSIENT, Category.RATE_LIMITED, Category.UPSTREAM})


class Rule(NamedTuple):
    """The category of an error whose type is named `types` or whose message has one of `words`.

    Both are regular expressions, of the whole name without its modules and of whole words; the
    empty one matches nothing. `why` says why the category fits, and so why it is (not) retried.
    """

    category: Category
    why: str
    types: str = ""
    words: str = ""


def _status(codes: str) -> str:
    """A number as an HTTP status: after a word that announces one or at the very start, and of no things.

    So "answered 429" and "429 Too Many Requests", but neither "4290 files" nor "read 429 files".
    """
    announced = (
        r"\b(?:https?(?:/\d(?:\.\d)?)?|status|(?:status_?)?code|errors?|response|server|upstream|returned|answered|answer|replied"
        r"|responded|got|gave|received|said|failed)\b(?:[\s:=('\"\[]{1,3}(?:with|an?|code|status|http|error)\b){0,3}"
        r"[\s:=('\"\[]{1,3}"
    )
    return rf"(?<!exit )(?:{announced}|\A\W{{0,3}})(?:{codes})(?![\w%]|[.,:/-]\d|\ [a-z]+s\b)"


# The first rule that fits counts. First come types that leave no doubt, so that a file's name or a
# key in their message cannot mislead; then what messages say, the particular before the general;
# then types that say something only if the message does not.
RULES: tuple[Rule, ...] = (
    Rule(Category.CANCELED, "somebody asked for it", r"(?:Job)?Cancell?ed(?:Error)?|KeyboardInterrupt"),
    Rule(Category.TRANSIENT, "the time limit, which a calmer machine or network may keep", "JobTimedOut"),
    Rule(Category.INTERNAL, "each try may kill a worker with all that it runs", "WorkerLost"),
    Rule(
        Category.NOT_FOUND,
        "the same name gives the same answer until somebody puts the thing there",
        r"FileNotFoundError|NotADirectoryError|ProcessLookupError|NotFound|(?:Http)?NotFound(?:Error|Exception)"
        r"|DoesNotExist|NoSuchKey|NoSuchBucket|NoResultFound|Undefined(?:Table|Column|Object|Function)",
    ),
    Rule(
        Category.AUTH,
        "the same credentials are refused again",
        r"PermissionError|Forbidden(?:Error)?|Unauthorized(?:Error)?|AuthenticationError|AuthorizationError|AccessDenied"
        r"|InvalidPassword|InsufficientPrivilege|InvalidAuthorizationSpecification|SSLCertVerificationError",
    ),
    Rule(
        Category.RATE_LIMITED,
        "the limit gives room again after a while",
        r"(?:Http)?TooManyRequests(?:Error)?|\w*RateLimit\w*|Throttl\w+",
    ),
    Rule(
        Category.TRANSIENT,
        "connections, locks and time-outs pass; serialisation is meant to be tried again (PostgreSQL, section 13.5)",
        r"ConnectionResetError|ConnectionAbortedError|BrokenPipeError|\w*Timed?[Oo]ut(?:Error|Exception|Expired)?"
        r"|DeadlockDetected|SerializationFailure|LockNotAvailable|BlockingIOError|InterruptedError"
        r"|MemoryError|IncompleteRead|ChunkedEncodingError|\w*ProtocolError|ServerDisconnectedError|AdminShutdown"
        r"|CrashShutdown|CannotConnectNow|TooManyConnections|RemoteDisconnected",
    ),
    Rule(
        Category.UPSTREAM,
        "the other side is down and comes back",
        r"ConnectionRefusedError|BadGateway|ServiceUnavailable(?:Error)?|InternalServerError|ConnectError|Unavailable",
    ),
    Rule(
        Category.CONFLICT,
        "it is there already, also at the next try",
        r"FileExistsError|IsADirectoryError|Conflict(?:Error)?|UniqueViolation|ExclusionViolation"
        r"|ForeignKeyViolation|StaleDataError|AlreadyExists",
    ),
    Rule(
        Category.VALIDATION,
        "the same input is as wrong the next time",
        r"JSONDecodeError|Unicode\w*Error|ValidationError|SchemaError|DataError|BadZipFile|BadGzipFile|LZMAError|TarError"
        r"|Damaged|EOFError|InvalidInput|NotNullViolation|CheckViolation|InvalidTextRepresentation"
        r"|StringDataRightTruncation|NumericValueOutOfRange",
    ),
    Rule(
        Category.INTERNAL,
        "a fault of the program, which it repeats",
        r"TypeError|AttributeError|NameError|UnboundLocalError|KeyError|IndexError|LookupError|AssertionError"
        r"|NotImplementedError|RecursionError|ZeroDivisionError|ImportError|ModuleNotFoundError|SyntaxError"
        r"|IndentationError|TabError|StopIteration|StopAsyncIteration|GeneratorExit|SystemExit|SystemError|BufferError|ReferenceError"
        r"|UndefinedParameter",
    ),
    Rule(
        Category.INTERNAL,
        "a fault of the handler or of what is installed (backends/embedded, scanner/jobs.py, services/bulk.py)",
        words=r"the result cannot be stored|does not know the job type|know no verb|breaks the cyclonedx schema"
        r"|without access to the ledger|fan-in node",
    ),
    Rule(
        Category.RATE_LIMITED,
        "the limit gives room again after a while",
        words=rf"too many requests|rate[- ]?limit(?:ed|ing|s)?|throttl(?:ed|ing)|slow ?down|quota (?:was )?exceeded"
        rf"|resource[ _]exhausted|exceeded (?:your|the|its) \w{{0,20}} ?quota|{_status('429')}",
    ),
    Rule(
        Category.TRANSIENT,
        "room on the disk, memory and file handles come back (domain/disk.py, scanner/syft.py, errno)",
        words=r"disk of the data directory (?:is full|has)|no space left|disk quota exceeded|database or disk is full"
        r"|cannot allocate memory|out of memory|too many open files|killed by signal \d+|disk i/o error"
        r"|input/output error|resource temporarily unavailable",
    ),
    Rule(
        Category.TRANSIENT,
        "time-outs, locks and broken connections pass, and so do busy name servers",
        words=r"timed[- ]?out|time-?out (?:exceeded|expired|reached|error)"
        r"|(?:read|write|connect|connection|request|gateway|lock|statement|operation|socket|pool) time-?out"
        r"|due to (?:statement|lock|idle-in-transaction) timeout|deadline exceeded|deadlock(?: detected)?"
        r"|could not serialize access|database (?:table )?is locked|database schema is locked|could not obtain lock"
        r"|connection (?:was )?(?:reset|aborted|closed|lost|timed out|broken)|reset by peer|broken pipe"
        r"|server closed the connection|connection already closed|remote end closed|terminating connection"
        r"|connection is closed"
        r"|the database system is (?:starting up|shutting down|in recovery mode)|too many clients|too many connections"
        r"|remaining connection slots|temporary failure in name resolution|try again later|network is unreachable"
        rf"|unexpected eof|incomplete read|cannot be read: [^.]{{1,80}}\. check the disk|{_status('408|425')}",
    ),
    Rule(
        Category.CANCELED,
        "somebody asked for it",
        words=r"cancel(?:l?ed) by (?:the )?(?:user|operator|client)|was cancel(?:l?ed)|due to user request"
        r"|operation cancel(?:l?ed)",
    ),
    Rule(
        Category.AUTH,
        "the same credentials are refused again",
        words=rf"permission denied|access (?:is |was )?denied|operation not permitted|unauthori[sz]ed|forbidden"
        rf"|not authori[sz]ed"
        rf"|authentication (?:failed|required)|invalid (?:api[- ]?key|credentials|token|password)"
        rf"|token (?:has |is )?expired|certificate verify failed|certificate has expired"
        rf"|no pg_hba\.conf entry|insufficient privilege"
        rf"|attempt to write a readonly database|{_status('401|403|407')}",
    ),
    Rule(
        Category.CONFLICT,
        "it is there already, or changed meanwhile: a person has to look which one is right",
        words=rf"already exists|has a node .{{1,200}} already|duplicate (?:key|entry)|unique constraint"
        rf"|violates (?:unique|foreign key|exclusion) constraint|foreign key constraint|file exists"
        rf"|changed while it was"
        rf"|precondition failed|edit conflict|{_status('409|412|423')}",
    ),
    Rule(
        Category.NOT_FOUND,
        "the same name gives the same answer until somebody puts the thing there",
        words=rf"no such (?:file|table|column|host|process|device|container|image|key|bucket)|not found"
        rf"|does not exist|is not there(?: any more)?|is not in the data directory|name or service not known"
        rf"|nodename nor servname provided|no address associated with hostname|getaddrinfo failed"
        rf"|unable to open database file"
        rf"|manifest unknown|no program|{_status('404|410')}",
    ),
    Rule(
        Category.VALIDATION,
        "the same input is as wrong the next time (scanner/failures.py, archives.py, sources.py)",
        words=rf"(?:is|are) damaged|damaged or incomplete|is encrypted|is packed (?:with|in)|decompression bomb"
        rf"|none of what can be scanned|is a device, pipe or socket|circle of symbolic links|is empty \(0 bytes\)"
        rf"|not an absolute path|validation errors?|invalid (?:literal|input|value|argument|request|json|payload)"
        rf"|invalid (?:input )?syntax for|could not be opened successfully|unexpected end of data|not a gzip file"
        rf"|does not take this payload|not a valid|malformed|field required|violates (?:not-null|check) constraint"
        rf"|(?:not null|check) constraint failed|not a zip file|does not fit"
        rf"|bad request|unprocessable|payload too large|value too long|out of range|datatype mismatch"
        rf"|{_status('400|405|406|413|414|415|422')}",
    ),
    Rule(
        Category.UPSTREAM,
        "the other side is down or failed, and comes back",
        words=rf"connection refused|no route to host|host is (?:down|unreachable)|bad gateway"
        rf"|service (?:is )?(?:temporarily )?unavailable"
        rf"|internal server error|server error|could not connect|cannot connect|connection error"
        rf"|failed to establish a new connection"
        rf"|max retries exceeded|{_status('5[0-9][0-9]')}",
    ),
    Rule(
        Category.UPSTREAM,
        "the program that does the work failed, and its message did not say of what (scanner/syft.py)",
        words=r"syft failed with exit code|syft's answer cannot be used|syft cannot be started|non-zero exit status",
    ),
    Rule(
        Category.UPSTREAM,
        "a host or program that fails may come back",
        r"gaierror|herror|CalledProcessError|\w*SSLError",
    ),
    Rule(
        Category.TRANSIENT,
        "connections come back",
        r"\w*Connection\w*Error|ReadError|WriteError|OperationalError|InterfaceError|\w*Network\w*Error",
    ),
    Rule(
        Category.UPSTREAM,
        "another system's answer was no good",
        r"(?:\w*HTTP|\w*Http|Url|URL)\w*(?:Error|Exception)|ClientError|ClientResponseError",
    ),
    Rule(Category.CONFLICT, "a constraint of a database, most often a key that is taken", "IntegrityError"),
    Rule(
        Category.VALIDATION,
        "a value that no handler takes",
        r"ValueError|OverflowError|FloatingPointError|ArithmeticError|\w*(?:Parse|Decode|Syntax|Validation)\w*Error",
    ),
    Rule(
        Category.INTERNAL,
        "a statement or use of a driver that is wrong as it stands",
        "NotSupportedError|InternalError|ProgrammingError",
    ),
)
# The words of a path or URL say nothing about the failure.
_PLACES = re.compile(r"(?<![^\s'\"(=])(?:[A-Za-z]:[\\/]|[A-Za-z][A-Za-z0-9+.-]{0,20}://|/)\S*")
_COMPILED = tuple(
    (
        rule.category,
        re.compile(rule.types or r"(?!)"),
        re.compile(rf"(?<!\w)(?:{rule.words})(?!\w)", re.IGNORECASE) if rule.words else None,
    )
    for rule in RULES
)


def categorise(error_type: str, message: str) -> Category:
    """The category of the first rule that fits; `unknown` if none does. Any text will do."""
    name = error_type.rpartition(".")[2].strip()
    message = " ".join(_PLACES.sub("<path>", message[:_CONSIDERED]).split())
    for category, types, words in _COMPILED:
        if types.fullmatch(name) or (words is not None and words.search(message)):
            return category
    return Category.UNKNOWN


def is_retryable(category: Category) -> bool:
    """Whether the same try again may well succeed."""
    return category in RETRYABLE
