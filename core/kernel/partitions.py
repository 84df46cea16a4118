"""Time partitions: made ahead and dropped behind by database functions that the app role may call, but not own."""

from datetime import UTC, datetime, timedelta
from typing import Literal

Every = Literal["day", "month"]

FUNCTIONS = [
    """
CREATE FUNCTION qd_ensure_partitions(parent text, every text, first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    lower_bound date := date_trunc(every, first)::date;
    upper_bound date;
    child text;
    made integer := 0;
BEGIN
    IF every NOT IN ('day', 'month') THEN RAISE EXCEPTION 'partitions are by day or by month, not %', every; END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = to_regclass(quote_ident(parent))) THEN
        RAISE EXCEPTION '% is not a partitioned table', parent;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('qd_partitions'));
    WHILE lower_bound <= last LOOP
        upper_bound := (lower_bound + ('1 ' || every)::interval)::date;
        child := parent || '_' || to_char(lower_bound, CASE every WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END);
        IF to_regclass(quote_ident(child)) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', child, parent,
                           lower_bound::text || ' 00:00:00+00', upper_bound::text || ' 00:00:00+00');
            made := made + 1;
        END IF;
        lower_bound := upper_bound;
    END LOOP;
    RETURN made;
END $$
""",
    """
CREATE FUNCTION qd_drop_partitions(parent text, every text, before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    child text;
    dropped integer := 0;
BEGIN
    IF parent = 'audit_entry' THEN RAISE EXCEPTION 'the audit is kept'; END IF;
    IF NOT qd_may('*') THEN RAISE EXCEPTION 'only the portal itself drops partitions'; END IF;
    FOR child IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = to_regclass(quote_ident(parent))
          AND right(c.relname, -length(parent) - 1) < to_char(before, CASE every WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END)
    LOOP
        EXECUTE format('DROP TABLE %I', child);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$
""",
]


def partition_statements(
    table: str, *, every: Every, behind: timedelta = timedelta(days=1), ahead: timedelta = timedelta(days=3)
) -> list[str]:
    """For a migration: partitions of `table` from today less `behind` to today plus `ahead` (UTC)."""
    today = datetime.now(UTC).date()
    return [f"SELECT qd_ensure_partitions('{table}', '{every}', '{today - behind}', '{today + ahead}')"]
