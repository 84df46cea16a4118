"""The tenants page for one tenant: what is not in sight, and not for everybody."""

import pytest

from core.access.operators import queries
from core.kernel.errors import Denied
from tests.core.customers.test_tenants import make

KEY = "customers/tenants"


def test_unknown_or_hidden_tenant_is_a_sentence(open_page, actor_of, system):
    tenant = make(system)
    for actor, key in ((actor_of("admin"), "nonsense"), (actor_of("client_success"), str(tenant.id))):
        app = open_page(actor, KEY, tenant=key)
        assert "not among those you may see" in app.warning[0].value
        assert not app.exception


def test_assignments_stay_closed_to_those_without_the_right(open_page, actor_of, system):
    tenant = make(system, "Alpha")
    app = open_page(actor_of("admin"), KEY, tenant=str(tenant.id))
    assert "Assigned operators" not in [header.value for header in app.subheader]
    with pytest.raises(Denied):
        queries.assignable(actor_of("admin"))
