"""What is true: contracts become checks, checks run on data, results are kept.

Importing it costs nothing: pandas, DuckDB and Great Expectations are imported where used.
"""

from __future__ import annotations

from headwater.checks.compile import compile_dataset, states_anything
from headwater.checks.evaluation import CheckRunner
from headwater.checks.gx import ChecksEngine, GxRunner, Outline, Planner
from headwater.checks.model import (
    Check,
    CheckResult,
    DatasetChecks,
    Unreadable,
)
from headwater.checks.profile import ColumnProfile, Profile, profile_dataset
from headwater.checks.proofs import Proved, prove
from headwater.checks.runner import run_checks

__all__ = [
    "Check",
    "CheckResult",
    "CheckRunner",
    "ChecksEngine",
    "ColumnProfile",
    "DatasetChecks",
    "GxRunner",
    "Outline",
    "Planner",
    "Profile",
    "Proved",
    "Unreadable",
    "compile_dataset",
    "profile_dataset",
    "prove",
    "run_checks",
    "states_anything",
]
