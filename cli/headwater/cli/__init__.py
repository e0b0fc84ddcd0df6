"""How people ask: commands, renderers, exit codes. The only part that knows click."""

from __future__ import annotations
