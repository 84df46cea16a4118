"""What a review is bound to: the change's own content, as one hash. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

PARTS = ("flag", "environment", "override", "clear_override")


def content_hash(
    flag_id: UUID, environment: str, content: Mapping[str, Any], *, base_flag_version: int, base_version: int
) -> str:
    """SHA-256 over the canonical JSON (sorted keys, no spaces, UTF-8) of what would be applied, and to which versions."""
    bound = {"flag_id": str(flag_id), "environment": environment, "content": content,
             "base_flag_version": base_flag_version, "base_version": base_version}  # fmt: skip
    text = json.dumps(bound, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
