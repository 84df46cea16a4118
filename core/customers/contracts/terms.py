"""The terms of contracts over time, for whoever measures, bills or credits by them."""

# One row per contract and version that was, is or will be in force, whatever became of the contract since; drafts have none.
# Instants are midnights of the contract's zone. `valid_until` is exclusive and never NULL: where the next version begins,
# else the end of the contract's last day (`ended_on`, or the `ends_on` of its newest version). Versions of a contract follow
# each other without a gap; one that another of the same day replaced, or that the contract's end came before, has no row.
TERMS = """
SELECT of_version.contract_id, of_version.tenant_id, of_version.version_number, of_version.time_zone, of_version.currency,
       of_version.first_day::timestamp AT TIME ZONE of_version.time_zone AS valid_from,
       of_version.end_day::timestamp AT TIME ZONE of_version.time_zone AS valid_until,
       of_version.annual_value, of_version.uptime_target, of_version.latency_p99_ms, of_version.error_rate_target,
       of_version.support_response_minutes, of_version.credit_tiers, of_version.credit_cap, of_version.maintenance,
       of_version.maintenance_minutes
FROM (
    SELECT v.contract_id, v.tenant_id, v.number AS version_number, c.time_zone, c.currency,
           v.effective_on AS first_day,
           LEAST(
               lead(v.effective_on) OVER by_number,
               COALESCE(c.ended_on, last_value(v.ends_on) OVER by_number) + 1
           ) AS end_day,
           v.annual_value, v.uptime_target, v.latency_p99_ms, v.error_rate_target, v.support_response_minutes,
           v.credit_tiers, v.credit_cap, v.maintenance, v.maintenance_minutes
    FROM contract_version v JOIN contract c ON c.id = v.contract_id
    WHERE c.status <> 'draft'
    WINDOW by_number AS (
        PARTITION BY v.contract_id ORDER BY v.number ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    )
) of_version
WHERE of_version.first_day < of_version.end_day
"""
