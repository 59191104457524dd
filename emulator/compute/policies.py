"""Nova's policy rules → checks, in oslo.policy's language (Nova 34.0.0, nova.policies)."""

from collections.abc import Mapping

POLICIES: Mapping[str, str] = {
    "context_is_admin": "role:admin",
    "project_reader_or_admin": "(role:reader and project_id:%(project_id)s) or rule:context_is_admin",
    "os_compute_api:os-flavor-access": "rule:context_is_admin",
}
