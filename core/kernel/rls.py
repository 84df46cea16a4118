"""Row-level security: every policy of the product is written by these functions."""

from core.kernel.db import APP_ROLE

# InitPlan form, `(SELECT f())`: evaluated once per statement and not once per row.
_IN_SCOPE = "((SELECT current_setting('qd.scope', true)) = 'all' OR {column} = ANY ((SELECT qd_tenants())::uuid[]))"
_VERBS = {"select": "read", "insert": "create", "update": "update", "delete": "delete"}


def _policy(table: str, command: str, condition: str) -> str:
    clauses = {
        "SELECT": f"USING ({condition})",
        "INSERT": f"WITH CHECK ({condition})",
        "UPDATE": f"USING ({condition}) WITH CHECK ({condition})",
        "DELETE": f"USING ({condition})",
    }
    return f"CREATE POLICY {table}_{command.lower()} ON {table} FOR {command} TO {APP_ROLE} {clauses[command]}"


def policies(table: str, **conditions: str) -> list[str]:
    """Statements for a table of its own rules: a condition per command (select, insert, update, delete).

    A command without a condition is not granted at all.
    """
    commands = [command.upper() for command in conditions]
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"GRANT {', '.join(commands)} ON {table} TO {APP_ROLE}",
        *(_policy(table, command.upper(), condition) for command, condition in conditions.items()),
    ]


def in_scope(column: str) -> str:
    """The condition that the row's tenant is in the actor's scope."""
    return _IN_SCOPE.format(column=column)


def may(permission: str) -> str:
    """The condition that the actor has `resource:verb`."""
    return f"(SELECT qd_may('{permission}'))"


ITSELF = may("*")


def secure(table: str, resource: str, *, tenant_column: str | None = None) -> list[str]:
    """Statements that put `table` under row-level security.

    A row is read, made, changed or removed by an actor with `resource:read`, `:create`, `:update` or `:delete`; where
    `tenant_column` is given, only for tenants in the actor's scope (rows of no tenant are for scope `all`).
    """
    scope = f" AND {in_scope(tenant_column)}" if tenant_column else ""
    conditions = {command: may(f"{resource}:{verb}") + scope for command, verb in _VERBS.items()}
    return policies(table, **conditions)


def observe(table: str, *, readable_by: str = "health:read", tenant_column: str | None = None) -> list[str]:
    """Statements for a table of machine observations: anybody's work leaves rows, `readable_by` is needed to see them.

    Changing and removing (upserts, retention) is for the portal itself, which holds every grant. Rows of no tenant are
    the platform's own and not bound to a scope.
    """
    scope = f" AND ({tenant_column} IS NULL OR {in_scope(tenant_column)})" if tenant_column else ""
    return policies(table, select=may(readable_by) + scope, insert="true", update=ITSELF, delete=ITSELF)
