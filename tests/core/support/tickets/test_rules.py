"""What may be said in a ticket and what may become of it; placeholders and files, which are pure too."""

import pytest

from core.kernel import files
from core.kernel.errors import Invalid
from core.support.tickets import placeholders, rules
from core.support.tickets.models import STATUSES

# By state: what it may become, o for open, p in progress, w waiting, r resolved, c closed, x reopened.
LETTERS = dict(zip("opwrcx", STATUSES, strict=True))
MOVES = {"o": "pwr", "p": "wr", "w": "pr", "r": "cx", "c": "x", "x": "pwr"}


@pytest.mark.parametrize("letter", LETTERS)
def test_every_move_between_states_is_allowed_or_refused_with_the_ways_that_there_are(letter):
    for other, wanted in LETTERS.items():
        if other in MOVES[letter]:
            rules.require_move(LETTERS[letter], wanted)
        else:
            with pytest.raises(Invalid, match=f"and not {rules.TITLES[wanted]}") as caught:
                rules.require_move(LETTERS[letter], wanted)
            assert all(rules.TITLES[LETTERS[way]] in str(caught.value) for way in MOVES[letter])


@pytest.mark.parametrize(
    ("status", "part"), [("resolved", "with a note"), ("reopened", "say why"), ("done", "Choose one of")]
)
def test_what_takes_more_than_a_state_is_not_chosen_as_one(status, part):
    with pytest.raises(Invalid, match=part):
        rules.require_status(status)


def test_a_customer_wakes_a_ticket_and_leaves_others_as_they_are():
    after = {status: rules.after_customer(status) for status in STATUSES}
    changed = {status: wanted for status, wanted in after.items() if status != wanted}
    assert changed == {"waiting": "in_progress", "resolved": "reopened"}


def test_a_message_of_one_megabyte_is_taken_and_a_longer_one_refused():
    assert len(rules.clean_body("é" * (rules.MAX_BODY // 2))) == rules.MAX_BODY // 2
    with pytest.raises(Invalid, match="longer than 1 MB"):
        rules.clean_body("é" * (rules.MAX_BODY // 2) + "x")
    with pytest.raises(Invalid, match="empty"):
        rules.clean_body(" \n ")


def test_all_bad_fields_are_named_at_once():
    with pytest.raises(Invalid) as caught:
        rules.clean({"subject": "", "priority": "now", "category": "x" * 99, "tags": ["y" * 99]})
    assert set(caught.value.fields) == {"subject", "priority", "category", "tags"}


@pytest.mark.parametrize(("text", "part"), [
    ("Hello {{requester.nam}}", "is no placeholder"), ("{{ }}", "is no placeholder"), ("Hi {{agent.name}", "not closed"),
    ("Hi agent.name}}", "not closed"),
])  # fmt: skip
def test_a_placeholder_that_nothing_fills_is_refused(text, part):
    with pytest.raises(Invalid, match=part):
        placeholders.require_known(text)


def test_placeholders_are_filled_once_and_not_from_what_a_customer_wrote():
    text = "{{ ticket.subject }} / {{agent.name}}"
    placeholders.require_known(text)
    values = {"ticket.subject": "{{agent.name}}", "agent.name": "Ann"}
    assert placeholders.fill(text, values) == "{{agent.name}} / Ann"


PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(("name", "content", "taken"), [
    ("shot.png", PNG, ("shot.png", "image/png")),
    ("notes.txt", "Grüße".encode(), ("notes.txt", "text/plain")),
    ("page.html", b"<!DOCTYPE html><script>alert(1)</script>", ("page.html", files.UNKNOWN_TYPE)),
    ("logo.svg", b'<?xml version="1.0"?><svg onload="alert(1)"/>', ("logo.svg", files.UNKNOWN_TYPE)),
    ("readme", b"hello <script>x</script>", ("readme", files.UNKNOWN_TYPE)),
    ("../../etc/passwd", b"root", ("passwd", "text/plain")),
    ("C:\\temp\\\u202egpj.\x00a.log", b"line", ("gpj.a.log", "text/plain")),
    ("...", b"x", ("file", "text/plain")),
    ("old.csv", b"caf\xe9;1", ("old.csv", files.UNKNOWN_TYPE)),
])  # fmt: skip
def test_a_file_is_taken_under_a_plain_name_and_the_type_of_its_content(name, content, taken):
    assert tuple(files.check(name, content)) == taken


@pytest.mark.parametrize(("name", "content", "part"), [
    ("invoice.pdf", b"MZ\x90\x00", "a Windows program"), ("photo.jpg", b"\x7fELF\x02", "a program"),
    ("run.txt", b"#!/bin/sh\nrm", "a script"), ("setup.exe", b"text", "a program"), ("a.PNG", b"<svg onload=x>", "web page"),
    ("a.jpg", PNG, "image/png"), ("report.pdf", b"<html><body>", "web page"), ("x.txt", b"<script>1</script>", "web page"),
    ("x.docx", b"plain", "text/plain"), ("none.txt", b"", "is empty"),
    ("big.bin", b"\x01" * (files.MAX_BYTES + 1), "at most 25 MB"),
])  # fmt: skip
def test_a_program_or_a_file_that_is_not_what_its_name_says_is_refused(name, content, part):
    with pytest.raises(Invalid, match=part):
        files.check(name, content)


def test_a_long_name_keeps_its_ending():
    name = files.clean_name("ä" * 400 + ".pdf")
    assert len(name) <= files.MAX_NAME
    assert name.endswith(".pdf")
