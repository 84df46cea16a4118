"""Signing in with a real browser: the session survives a refresh, and ends where it must."""

import time

from playwright.sync_api import expect

from tests.e2e.conftest import fill_in, sign_in, signed_in

FORM = "Password"


def test_deep_link_and_refresh_survive_signing_in(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin", "/tenants?status=Suspended")
    signed_in(page)
    expect(page.get_by_role("heading", name="Tenants")).to_be_visible()
    assert "status=Suspended" in page.url
    page.reload()
    signed_in(page)
    cookie = next(one for one in page.context.cookies() if one["name"] == "quarterdeck_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert 7.9 * 3600 < cookie["expires"] - time.time() <= 8 * 3600


def test_wrong_password_says_one_sentence(portal, new_page):
    page = new_page()
    sign_in(page, portal, "admin", password="not the password")
    expect(page.get_by_text("The e-mail address or the password is wrong.")).to_be_visible()
    assert not [one for one in page.context.cookies() if one["name"] == "quarterdeck_session"]


def test_sign_out_ends_the_session_on_the_server(portal, new_page):
    page = new_page()
    sign_in(page, portal, "support")
    signed_in(page)
    stolen = page.context.cookies()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_label(FORM).first).to_be_visible()
    thief = new_page()
    thief.context.add_cookies(stolen)
    thief.goto(portal.base)
    expect(thief.get_by_label(FORM).first).to_be_visible()


def test_disabled_operator_is_out_at_the_next_step(portal, new_page):
    page = new_page()
    sign_in(page, portal, "hotline_operator")
    signed_in(page)
    portal.sql("UPDATE operator SET disabled_at = now() WHERE role = 'hotline_operator'")
    page.get_by_role("link", name="Tenants", exact=True).click()
    expect(page.get_by_label(FORM).first).to_be_visible()
    portal.sql("UPDATE operator SET disabled_at = NULL WHERE role = 'hotline_operator'")


def test_page_without_permission_refuses_by_its_address(portal, new_page):
    page = new_page()
    sign_in(page, portal, "support_tier_1", "/operators")
    signed_in(page)
    expect(page.get_by_text("Your role does not include the page Operators")).to_be_visible()
    assert page.get_by_role("link", name="Operators").count() == 0


def test_first_operator_is_asked_for_and_gets_in(empty_portal, new_page):
    page = new_page()
    page.goto(empty_portal.base)
    page.get_by_label("Name").fill("Boss")
    page.get_by_label("E-mail").fill("boss@example.com")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_label("Password again").fill("correct horse battery")
    page.get_by_role("button", name="Create and sign in").click()
    signed_in(page)
    expect(page.get_by_text("Good to see you, Boss.")).to_be_visible()
    other = new_page()
    other.goto(empty_portal.base)
    fill_in(other, "boss@example.com", "correct horse battery")
    signed_in(other)
