"""The levels and categories that are known everywhere."""

from __future__ import annotations

LEVELS = ("general-1", "general-2", "general-3", "general-4", "important", "core")
"""Grades of data, lowest first (GB/T 43697-2024; general 1 to 4 after its Annex H)."""

CATEGORIES = (
    "biometric",
    "business",
    "financial-account",
    "health",
    "minors",
    "personal",
    "religion",
    "specific-identity",
    "whereabouts",
)
"""Categories known everywhere: personal, PIPL 28's sensitive kinds, business."""

SENSITIVE = tuple(name for name in CATEGORIES if name not in ("business", "personal"))
"""PIPL 28's sensitive kinds: each is personal information, and lies under ``personal``."""
