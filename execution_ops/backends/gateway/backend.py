"""A remote Execution Operations API behind the port that the console knows."""

from __future__ import annotations

import threading
import time

from execution_ops.backends.base import Backend, Capabilities
from execution_ops.backends.gateway.audit import Audit, Things
from execution_ops.backends.gateway.baselines import Baselines, Benchmarks
from execution_ops.backends.gateway.changes import Feed
from execution_ops.backends.gateway.files import FileCache
from execution_ops.backends.gateway.jobs import Jobs
from execution_ops.backends.gateway.kits import Analyzers, Kits
from execution_ops.backends.gateway.letters import Letters, Replays
from execution_ops.backends.gateway.profile import OURS, PROFILES, Profile
from execution_ops.backends.gateway.quotas import Quotas
from execution_ops.backends.gateway.run_stream import RunStreams
from execution_ops.backends.gateway.scanner_config import ScannerConfig
from execution_ops.backends.gateway.scheduler import Runs, Schedules
from execution_ops.backends.gateway.submissions import Submissions
from execution_ops.backends.gateway.tail import Tail
from execution_ops.backends.gateway.transport import Limits, Transport
from execution_ops.backends.gateway.workers import Workers
from execution_ops.domain.capabilities import CapabilityDocument
from execution_ops.domain.errors import Conflict, NotFound
from execution_ops.domain.job_times import EndedJobs
from execution_ops.domain.retention import RetentionStatus, RetentionSurvey
from execution_ops.routes import Rest
from execution_ops.settings import Settings

# A remote may be replaced by a newer or an older one while the console runs.
OFFERS_FOR_S = 60.0
FILES_FOLDER = "remote-files"


class GatewayBackend(
    Jobs,
    Submissions,
    Feed,
    Quotas,
    Letters,
    Replays,
    Schedules,
    Runs,
    RunStreams,
    Workers,
    ScannerConfig,
    Baselines,
    Benchmarks,
    Kits,
    Analyzers,
    Audit,
    Things,
):
    """Blocking and thread-safe. Nothing is asked before the first call, so a remote that is away stops no start."""

    def __init__(self, transport: Transport, files: FileCache, *, follows: bool = True) -> None:
        Baselines.__init__(self, transport, self.offers, files)
        self.tail = Tail(transport) if follows else None
        self._known: CapabilityDocument | None = None
        self._known_until = 0.0
        self._known_lock = threading.Lock()

    @property
    def capabilities(self) -> Capabilities:
        """What the remote can do, as far as it has said so by now: nothing is asked for this."""
        unable = dict((self._known or self._http.profile.offers).unable)
        return Capabilities(
            cancel=unable.pop("cancel", ""),
            retry=unable.pop("retry", ""),
            verbs=unable,
            files=f"The files are beside the workers of the remote system at {self._http.where}: look at them there.",
        )

    def offers(self) -> CapabilityDocument:
        """What the remote says that it offers, at most a minute old. One that says nothing is of the first version."""
        with self._known_lock:
            if self._known is None or time.monotonic() > self._known_until:
                self._known = self._ask()
                self._known_until = time.monotonic() + OFFERS_FOR_S
            return self._known

    def _ask(self) -> CapabilityDocument:
        profile = self._http.profile
        if not profile.capabilities:
            return profile.offers
        try:
            return self._http.get(CapabilityDocument, profile.capabilities)
        except (NotFound, Conflict):
            return profile.offers

    def close(self) -> None:
        """Give back the connections."""
        if self.tail is not None:
            self.tail.close()
        self._http.close()

    def ping(self) -> None:
        """One cheap question; raises Unavailable when the remote does not answer."""
        self._http.get(dict[str, object], Rest.JOBS_SUMMARY)

    def retention_status(self) -> RetentionStatus:
        """Nothing: this console keeps nothing for the remote, which removes what is over by itself."""
        return RetentionStatus(kinds=(), round_at=None, leftovers=0)

    def ended_jobs(self, after: str, *, limit: int) -> EndedJobs:
        """None: the remote's own figures tell how long its jobs took, once and not by each console."""
        return EndedJobs(jobs=(), position=after)

    def retention_survey(self) -> RetentionSurvey:
        """Only beside the engine it is known what would go."""
        raise Conflict("What is removed for its age is decided at the remote system: ask there.", code="NOT_SUPPORTED")

    def statements(self) -> int:
        """How many requests were sent."""
        return self._http.requests

    def statement_seconds(self) -> float:
        """How long their answers took, all added up."""
        return self._http.seconds


def open_gateway(settings: Settings, limits: Limits | None = None) -> Backend:
    """The backend on the remote that the settings name."""
    profile: Profile = PROFILES.get(settings.backend_profile, OURS)
    token = settings.backend_token.get_secret_value()
    transport = Transport(settings.backend, profile, token=token, limits=limits)
    return GatewayBackend(transport, FileCache(settings.data_dir.resolve() / FILES_FOLDER))
