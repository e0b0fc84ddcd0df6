"""Many measures of a table in few readings: what to ask of DuckDB, and what its answers mean.

It knows neither DuckDB nor Great Expectations: the one is asked through
:mod:`headwater.checks.duck`, the other asks through :mod:`headwater.checks.gx`.
"""
