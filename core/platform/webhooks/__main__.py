"""`python -m core.platform.webhooks`: the published catalogue of events as JSON, which is kept in docs/events.json."""

import json
import sys

from core.platform.webhooks.catalogue import published

if __name__ == "__main__":
    import core.models  # noqa: F401  (the tables that events are about)

    sys.stdout.write(json.dumps(published(), indent=1) + "\n")
