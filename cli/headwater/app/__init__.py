"""The use cases that put the rooms together: gate, trace, decide. No click, no printing."""

from __future__ import annotations
