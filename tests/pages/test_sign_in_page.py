"""The sign-in page: the form, the first operator, the demo accounts."""

from core.access.operators import actions, queries, rules

PASSWORD = "correct horse battery"


def test_wrong_password_says_one_sentence_and_keeps_the_address(open_page, system, raw):
    actions.create(system, email="ann@example.com", name="Ann", role="admin", password=PASSWORD)
    app = open_page(None)
    app.text_input[0].set_value("ann@example.com")
    app.text_input[1].set_value("wrong password")
    app.button[0].click().run()
    assert [error.value for error in app.error] == [
        "The e-mail address or the password is wrong. Check both and try again."
    ]
    assert app.text_input[0].value == "ann@example.com"
    assert raw("SELECT outcome FROM audit_entry WHERE action = 'sessions.sign_in'")[0].outcome == "denied"


def test_right_password_leads_to_the_route_that_sets_the_cookie(open_page, system, raw):
    actions.create(system, email="ann@example.com", name="Ann", role="admin", password=PASSWORD)
    app = open_page(None)
    app.text_input[0].set_value("Ann@Example.com")
    app.text_input[1].set_value(PASSWORD)
    app.button[0].click().run()
    assert not app.error
    assert any("/api/session/start?code=" in html.value for html in app.html)
    assert raw("SELECT count(*) FROM sign_in_code")[0].count == 1


def test_first_start_asks_for_the_first_operator_and_keeps_what_was_typed(open_page):
    app = open_page(None)
    name, email, password, again = app.text_input
    name.set_value("Boss")
    email.set_value("boss@example.com")
    password.set_value(PASSWORD)
    again.set_value("something else")
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["The two passwords differ. Type the same one twice."]
    assert app.text_input[1].value == "boss@example.com"
    app.text_input[3].set_value(PASSWORD)
    app.button[0].click().run()
    assert not app.error
    assert not queries.is_first_start()


def test_demo_accounts_are_listed_only_while_they_exist(open_page, system, raw, monkeypatch):
    from random import Random

    from core.access.operators import demo
    from core.kernel.times import utc_now
    from core.kernel.writes import write

    monkeypatch.setattr(rules, "COST", 4)
    actions.create(system, email="ann@example.com", name="Ann", role="admin", password=PASSWORD)
    assert not _demo_buttons(open_page(None))
    with write(system, "demo.seed") as tx:
        demo.seed(tx, Random(7), utc_now())
    app = open_page(None)
    assert len(_demo_buttons(app)) == 13
    assert any(demo.PASSWORD in markdown.value for markdown in app.markdown)
    _demo_buttons(app)[0].click().run()
    assert any("/api/session/start?code=" in html.value for html in app.html)


def _demo_buttons(app):
    return [button for button in app.button if (button.key or "").startswith("demo_")]
