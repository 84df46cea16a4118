"""What contracts promise, measured each minute: spans, periods, violations, credits."""
