"""Weaknesses that were found in other consoles of this kind, and the tests that hold this one against each.

Each row names the tests as `file::test`; `tests/security/test_cves.py` fails where one of them is gone.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One weakness: the ids under which it is known, what it was, and the tests against it."""

    ids: tuple[str, ...]
    what: str
    tests: tuple[str, ...]


_MARKUP = "security/test_markup.py::test_markup_in_a_parameter_stays_text"
_NAMES_IN = "security/test_markup.py::test_markup_in_names_and_errors_stays_text"
_NUMBERS = "security/test_numbers.py::test_an_absurd_number_is_refused_or_harmless"
_BOUNDS = "security/test_numbers.py::test_a_number_has_bounds_in_the_contract"
_PROBES = "security/test_names.py::test_a_name_like_a_probe_opens_nothing"
_ODD = "security/test_names.py::test_an_odd_name_names_nothing"
_SITES = "security/test_cross_site.py::test_no_other_site_changes_anything"
_UNKNOWN = "security/test_bearers.py::test_who_is_not_known_gets_nothing"
_BODY = "security/test_bearers.py::test_a_body_is_bounded_before_anybody_is_known"
_REACH = "security/test_matrix.py::test_nobody_reaches_into_another_tenant"
_MAY = "security/test_matrix.py::test_nobody_does_what_they_may_not"

ROWS: tuple[Row, ...] = (
    Row(("CVE-2024-32887", "CVE-2023-1892"), "Sidekiq: markup in a parameter of the address", (_MARKUP,)),
    Row(
        ("CVE-2023-26141", "CVE-2022-23837", "CVE-2023-37279"),
        "Sidekiq and Faktory: a number that costs too much",
        (_NUMBERS, _BOUNDS),
    ),
    Row(("CVE-2021-30151",), "Sidekiq: markup in the name of a queue, a batch or an error", (_NAMES_IN,)),
    Row(("USN-7695-1",), "Sidekiq: both of these together", (_MARKUP, _NAMES_IN, _NUMBERS)),
    Row(("CVE-2025-46721",), "nosurf under Faktory: a change from another site", (_SITES,)),
    Row(
        ("CVE-2022-30034",),
        "Flower: a pattern for who may sign in that was not anchored, and an open interface",
        ("unit/domain/test_identity.py::test_groups_and_users_are_compared_letter_by_letter", _UNKNOWN, _SITES),
    ),
    Row(
        ("CVE-2026-3514", "CVE-2026-7722"),
        "Prefect: no sign-in for addresses that end like a probe",
        (
            _PROBES,
            "security/test_names.py::test_open_to_all_is_a_short_list_of_exact_addresses",
            "api/test_guard.py::test_probes_are_exact_addresses",
        ),
    ),
    Row(
        ("CVE-2026-7723",),
        "Prefect: a socket without sign-in",
        (
            "security/test_socket.py::test_nobody_can_say_who_they_are",
            "security/test_socket.py::test_a_foreign_page_gets_no_socket",
        ),
    ),
    Row(
        ("CVE-2026-31882", "CVE-2026-5724"),
        "Dagu and Temporal: streams without sign-in",
        (_UNKNOWN, _MAY, "api/test_run_stream_api.py::test_who_may_not_see_a_run_is_told_nothing_of_it"),
    ),
    Row(
        ("CVE-2026-31886",),
        "Dagu: an id that is a directory",
        (_ODD, "unit/domain/test_ids.py::test_what_is_no_id_is_refused"),
    ),
    Row(
        ("CVE-2026-5199",),
        "Temporal: background work across tenants",
        (
            _REACH,
            "unit/services/test_bulk_job.py::test_it_reaches_only_tenants_of_the_one_who_asked",
            "unit/services/test_bulk_job.py::test_a_payload_without_the_scope_fails_for_good",
        ),
    ),
    Row(
        ("CVE-2025-14986",),
        "Temporal: one tenant was authorised, another one used",
        (_REACH, "unit/domain/test_identity.py::test_to_narrow_the_view_never_widens_a_permission"),
    ),
    Row(
        ("CVE-2023-3485",),
        "Temporal: open by default",
        (_UNKNOWN, "security/test_names.py::test_open_to_all_is_a_short_list_of_exact_addresses"),
    ),
    Row(
        ("CVE-2026-28779",),
        "Airflow: a session that a neighbouring application reads",
        (
            "security/test_oidc.py::test_over_https_the_cookie_is_secure_and_the_hosts_own",
            "security/test_oidc.py::test_the_session_is_a_cookie_that_no_script_and_no_other_site_has",
        ),
    ),
    Row(
        ("CVE-2026-24098",),
        "Airflow: a panel with errors of what one may not see",
        (_REACH, "security/test_handlers.py::test_only_who_may_see_it_finds_it"),
    ),
    Row(
        ("CVE-2026-25917", "CVE-2026-33858"),
        "Airflow: payloads that were executed",
        ("security/test_payloads.py::test_nothing_here_runs_what_it_reads",),
    ),
    Row(("CVE-2026-28229",), "Argo: any bearer token", (_UNKNOWN,)),
    Row(
        ("CVE-2026-42294",),
        "Argo: a body without a bound, before anybody signed in",
        (_BODY, "api/test_kits_api.py::test_an_upload_beyond_its_limit_is_refused_before_it_is_read"),
    ),
    Row(
        ("CVE-2026-40886",),
        "Argo: one malformed thing stopped it all",
        (
            _NAMES_IN,
            "security/test_payloads.py::test_a_row_that_is_damaged_breaks_no_list",
            "security/test_socket.py::test_no_argument_of_any_event_does_harm",
        ),
    ),
    Row(
        ("CVE-2017-4965", "CVE-2017-4967", "CVE-2021-32718", "CVE-2021-32719", "CVE-2019-11281", "CVE-2019-11287"),
        "RabbitMQ: markup in names, and headers that cost too much",
        (_NAMES_IN, _MARKUP, "security/test_socket.py::test_too_much_is_refused_and_holds_nobody_up"),
    ),
    Row(
        ("CVE-2017-4966",),
        "RabbitMQ: credentials in the storage of the browser",
        (
            "security/test_payloads.py::test_only_preferences_are_kept_in_the_browser",
            "security/test_oidc.py::test_nothing_secret_is_kept_or_told",
        ),
    ),
    Row(
        ("oban_web 2.12.5",),
        "Oban Web: an event that did not ask for the permission, and a rule of cron that filled the memory",
        (
            _MAY,
            "security/test_scopes.py::test_each_permission_is_needed_and_they_are_enough",
            "security/test_handlers.py::test_a_message_takes_back_only_what_its_reader_may",
            "unit/domain/test_cron.py::test_what_is_no_rule_is_refused_at_once_and_in_words",
        ),
    ),
    Row(
        ("AKHQ group offsets",),
        "AKHQ: the role of one group, the things of another",
        (
            "unit/domain/test_identity.py::test_somebody_holds_a_scope_in_a_tenant_just_where_a_grant_of_theirs_gives_it",
            "unit/domain/test_identity.py::test_an_operator_of_one_tenant_only_reads_in_the_other",
            "api/test_identity_api.py::test_an_operator_of_one_tenant_changes_nothing_in_the_other",
        ),
    ),
    Row(
        ("CVE-2026-23873",),
        "HUSTOJ: a formula in a file for spreadsheets",
        (
            "unit/domain/test_exports.py::test_a_formula_is_taken_as_text",
            "unit/domain/test_exports.py::test_no_cell_starts_a_formula_or_steers",
        ),
    ),
)
