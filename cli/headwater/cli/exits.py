"""Exit codes: 0 judged and clean, 1 judged and something found, 2 could not judge."""

from __future__ import annotations

CLEAN = 0
FOUND = 1
UNJUDGED = 2

EXIT = {"pass": CLEAN, "warn": CLEAN, "fail": FOUND, "error": UNJUDGED}
"""Outcome → exit code."""
