"""The areas of the interface, as the contract groups them."""

from __future__ import annotations

TAGS: dict[str, str] = {
    "jobs": "Jobs: list, count, export, look into one, start, cancel and retry.",
    "quotas": "Limits of how many jobs of a tenant and type run at once or start in an hour.",
    "dead letters": "Jobs that are out of attempts: browse, group by error, replay, resolve, reopen.",
    "replay plans": "Frozen sets of dead letters that are replayed, resolved or reopened in the background.",
    "schedules": "What is run when, and what came of it.",
    "scheduler runs": "The firings of schedules: their targets, findings, logs, files, and their events as a stream.",
    "workers": "The processes that execute jobs: look, drain, resume, stop.",
    "runs": "The first sign of a run, cheap to ask again and again.",
    "scanner": "Scans, and the settings that they keep to.",
    "kits": "Offline kits: signed bundles that are carried into an air gap.",
    "baselines": "Results that later scans are compared with.",
    "analyzers": "The parts of the scanner, their health, and the cache of their results.",
    "benchmarks": "How long analyzers take, and whether that is worse than before.",
    "jobs and queues": "What blocks now, and how the queues stand.",
    "changes": "What is offered here, and what changes: for another console on this engine.",
    "lookup": "Which thing has this id.",
    "audit": "Who did what to what, why, and whether it can be undone.",
    "retention": "How long things are kept, and what was removed.",
    "sign-in": "How a browser signs in and out, where the console is set to that.",
    "identity": "Who asks, and the API tokens that programs ask with.",
    "probes": "Whether the process lives and is of use, and its figures.",
}
