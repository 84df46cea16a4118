"""The other side, run by the Python of a venv of its own: reads the name of a flag, answers with evaluations a second."""

import json
import sys
import tempfile
import time

from UnleashClient import UnleashClient
from UnleashClient.cache import FileCache


def _strategy(percentage: int, constraints: list) -> dict:
    parameters = {"rollout": str(percentage), "stickiness": "userId", "groupId": "bench"}
    return {"name": "flexibleRollout", "parameters": parameters, "constraints": constraints}


def _client() -> UnleashClient:
    plan = {"contextName": "plan", "operator": "IN", "values": ["pro", "enterprise"], "inverted": False}
    strategies = {"rollout": _strategy(50, []), "targeted": _strategy(50, [plan])}
    features = [{"name": name, "enabled": True, "strategies": [one]} for name, one in strategies.items()]
    cache = FileCache("bench", directory=tempfile.mkdtemp(prefix="qd-bench-"))
    cache.bootstrap_from_dict({"version": 2, "features": features})
    client = UnleashClient(
        "http://127.0.0.1:9/api", "bench", cache=cache, disable_metrics=True, disable_registration=True
    )
    client.initialize_client(fetch_toggles=False)
    return client


def main() -> None:
    contexts = json.loads(sys.stdin.readline())
    client = _client()
    asked = [{"userId": one["tenant_id"], "properties": {"plan": one["plan"]}} for one in contexts]
    print("ready", flush=True)
    for line in sys.stdin:
        name = line.strip()
        started = time.perf_counter()
        on = sum(client.is_enabled(name, one) for one in asked)
        print(json.dumps({"rate": len(asked) / (time.perf_counter() - started), "on": on}), flush=True)
    client.destroy()


if __name__ == "__main__":
    main()
