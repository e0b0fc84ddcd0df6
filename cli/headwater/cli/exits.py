"""Exit codes: 0 judged and clean, 1 judged and something found, 2 could not judge."""

from __future__ import annotations

from headwater.catalog.findings import Outcome

CLEAN = 0
FOUND = 1
UNJUDGED = 2

EXIT = {
    Outcome.PASS: CLEAN,
    Outcome.WARN: CLEAN,
    Outcome.FAIL: FOUND,
    Outcome.ERROR: UNJUDGED,
}
