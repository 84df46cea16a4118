"""Service levels: business calendars, policies, and the clock of each ticket."""
