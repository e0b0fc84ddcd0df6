"""What exists: departments, datasets, purposes, agreements; the loader; findings; errors."""

from __future__ import annotations
