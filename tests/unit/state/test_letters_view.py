"""What the pages of dead letters make of groups and entries."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from execution_ops import routes
from execution_ops.domain.letter_filters import DeadLetterFilter
from execution_ops.domain.letter_verbs import LETTER_VERBS, REPLAY
from execution_ops.domain.states import DeadLetterState
from execution_ops.domain.verb import Verb
from execution_ops.state.entry_view import chain_views, entry_view
from execution_ops.state.letters_view import figures, group_line, groups_sentence, letter_line, template_parts
from execution_ops.state.plans import plan_question
from tests.unit.state.letter_samples import FINGERPRINT, HOSTILE, NOW, detail, group, groups, letter, link

OPEN = [("state", "pending"), ("state", "quarantined")]


def query_of(href: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(href).query)


# Groups.


def test_a_template_is_cut_at_its_placeholders_and_nowhere_else() -> None:
    parts = [(part.text, part.chip) for part in template_parts("<path> has <n> of <b>, '<text>'")]
    assert parts == [("path", True), (" has ", False), ("n", True), (" of <b>, '", False), ("text", True), ("'", False)]
    assert template_parts("") == []


def test_the_figures_of_a_group_lead_to_what_they_count() -> None:
    line = group_line(group(), DeadLetterFilter(tenant=("acme",)))
    assert (line.open, line.pending, line.total, line.tenants, line.more_types) == (2, 1, "5", "1 tenant", "+1 more")
    assert query_of(line.open_href) == [*OPEN, ("group", FINGERPRINT), ("tenant", "acme")]
    assert query_of(line.href) == [("group", FINGERPRINT), ("tenant", "acme")]
    assert line.trend_label == "5 deaths in the last 24 hours, 2 in this hour"
    assert line.sample_href.startswith(routes.dead_letter_entry(""))


def test_a_group_of_open_entries_alone_says_its_count_once() -> None:
    assert group_line(group(total=2), DeadLetterFilter()).total == ""


def test_hostile_errors_are_spelled_out() -> None:
    line = group_line(group(error_type=HOSTILE, template=HOSTILE, job_type=HOSTILE), DeadLetterFilter())
    assert {line.error_type, line.template, line.job_type} == {"<img src=x>\\u202e\\x07"}
    assert [part.text for part in line.parts] == ["<img src=x>\\u202e\\x07"]


def test_each_figure_of_the_page_leads_to_exactly_what_it_counts() -> None:
    found = groups(group(), retryable=0, oldest=NOW, oldest_id="e-1", most_common="PomError")
    shown = figures(found, DeadLetterFilter(job_type=("scan.catalog",)))
    mine = ("job_type", "scan.catalog")
    assert query_of(shown.open_href) == [*OPEN, mine]
    assert query_of(shown.retryable_href) == [*OPEN, mine, ("retryable", "yes")]
    assert query_of(shown.quarantined_href) == [("state", "quarantined"), mine]
    assert (shown.open, shown.retryable, shown.retryable_of, shown.quarantined) == ("2", "0", "of 2 retryable", "1")
    assert shown.oldest_href == routes.dead_letter_entry("e-1")
    # Nothing is most common without a group to lead to.
    assert shown.common_href == ""


@pytest.mark.parametrize(
    ("opened", "errors", "sentence"),
    [
        (412, 7, "412 jobs are out of attempts, and they are really 7 errors."),
        (2, 1, "2 jobs are out of attempts, and they are really 1 error."),
        (1, 1, "1 job is out of attempts."),
        (3, 3, "3 jobs are out of attempts."),
    ],
)
def test_the_page_says_how_few_errors_many_deaths_are(opened: int, errors: int, sentence: str) -> None:
    assert groups_sentence(groups(*[group() for _ in range(errors)], open=opened)) == sentence


def test_the_page_says_that_nothing_is_open() -> None:
    closed = group(open=0, by_state={DeadLetterState.RESOLVED: 3})
    assert groups_sentence(groups(closed)) == "Nothing is open. All 3 dead letters were replayed or resolved."
    assert groups_sentence(groups()) == "No job has run out of attempts."


# Entries.


def test_a_line_says_who_changed_an_entry_and_why() -> None:
    assert letter_line(letter()).note == ""
    assert letter_line(letter(changed_by="ada", note="image withdrawn")).note == "ada: image withdrawn"
    assert letter_line(letter(changed_by="ada")).note == "ada"


def test_the_texts_of_a_line_are_spelled_out_and_still_link() -> None:
    line = letter_line(letter(tenant=HOSTILE, error_message=HOSTILE, label=HOSTILE, note=HOSTILE))
    spelled = "<img src=x>\\u202e\\x07"
    assert (line.tenant, line.error_message, line.label, line.note) == (spelled,) * 4
    assert query_of(line.tenant_href) == [("tenant", HOSTILE)]


def test_an_entry_says_what_came_of_its_replay() -> None:
    assert entry_view(detail(letter())).standing == ""
    replaying = detail(letter(state="replaying"), job_state="running", new_attempt=4)
    said = "It is being replayed: the job is running. Its first attempt since then is number 4."
    assert entry_view(replaying).standing == said
    replayed = detail(letter(state="replayed"), job_state="timed_out")
    assert entry_view(replayed).standing == "It was replayed, and the job is timed out now."
    gone = entry_view(detail(letter(), job_stored=False, job_state=""))
    assert gone.standing.startswith("The job itself is no longer stored")
    assert gone.dag_href == ""


def test_an_entry_keeps_the_lines_of_its_stack_and_spells_out_the_rest() -> None:
    shown = entry_view(detail(letter(error_message="a\nb\x1b"), error_stack="x\n\ty\u202e", error_frame=HOSTILE))
    assert (shown.error_message, shown.stack) == ("a\nb\\x1b", "x\n\ty\\u202e")
    assert shown.frame == "<img src=x>\\u202e\\x07"


def test_the_chain_tells_the_same_error_from_another_newest_first() -> None:
    first, second, third = (letter(died_at=NOW + timedelta(minutes=at)) for at in range(3))
    chain = chain_views(detail(second, chain=(link(first, same=False), link(second), link(third))))
    assert [one.id for one in chain] == [third.id, second.id, first.id]
    assert [one.said for one in chain] == [
        "died again, the same error",
        "this entry",
        "the first death, another error",
    ]
    assert [one.here for one in chain] == [False, True, False]


@pytest.mark.parametrize("verb", LETTER_VERBS, ids=lambda verb: verb.name)
def test_the_question_counts_and_says_what_is_left_out(verb: Verb) -> None:
    title, button, facts = plan_question(verb, 9, 3)
    assert "9 dead letters" in title
    assert "9" in button
    assert ("Left out", "3 in quarantine: open each and decide") in facts
    title, _, facts = plan_question(verb, 1, 0)
    assert "1 dead letter?" in title
    assert "Left out" not in dict(facts)


def test_only_a_replay_waits_for_its_start() -> None:
    assert dict(plan_question(REPLAY, 2, 0)[2])["Then"].startswith("you start it")
    for verb in LETTER_VERBS:
        starts = "starts by itself" in dict(plan_question(verb, 2, 0)[2]).get("How", "")
        assert starts is (verb is not REPLAY)
