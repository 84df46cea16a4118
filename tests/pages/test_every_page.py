"""Every registered page, as every role: it opens or refuses, as the permission says, and never raises.

Opening costs most. A page opens for those who may do everything, for those with assigned tenants alone and for those who see
names masked; of the other roles only what they must not see is tried.
"""

import pytest

from core.roles import ROLES
from pages._registry import PAGES

REFUSAL = "Your role does not include"
OPENED_BY = ("super_admin", "client_success", "support_tier_1")


@pytest.mark.parametrize("role", ROLES)
def test_every_page_opens_or_refuses_as_the_role_says(open_page, actor_of, role):
    actor = actor_of(role)
    home = open_page(actor)
    for page in PAGES:
        may = page.permission is None or actor.may(page.permission)
        if may and role not in OPENED_BY:
            continue
        # What is refused keeps no state, so the next page can be opened from the same place.
        app = open_page(actor, page.key) if may else home.switch_page(f"{page.key}.py").run()
        assert not app.exception, f"{role} {page.key}: {app.exception}"
        refused = any(REFUSAL in error.value for error in app.error)
        assert refused is not may, f"{role} {page.key}"


def test_nobody_signed_in_sees_the_form_and_nothing_else(open_page, system):
    from core.access.operators import actions

    actions.create(system, email="ann@example.com", name="Ann", role="admin", password="correct horse battery")
    app = open_page(None)
    assert [field.label for field in app.text_input] == ["E-mail", "Password"]
    assert not app.exception
    assert not {page.title for page in PAGES} & {header.value for header in app.header}


def test_registry_names_files_that_exist_and_paths_once():
    from pathlib import Path

    assert all((Path("pages") / page.file).is_file() for page in PAGES)
    assert len({page.path for page in PAGES}) == len(PAGES)
    registered = {page.file for page in PAGES}
    files = {str(path.relative_to("pages")) for path in Path("pages").rglob("*.py")}
    assert {name for name in files if not any(part.startswith("_") for part in Path(name).parts)} == registered
