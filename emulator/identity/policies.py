"""Keystone v3: policy rule → check, in oslo.policy's language."""

from collections.abc import Mapping

POLICIES: Mapping[str, str] = {}
