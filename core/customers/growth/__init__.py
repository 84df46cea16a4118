"""Growth: recurring revenue at any month's end, its movements, cohorts and retention, all out of the ledger."""
