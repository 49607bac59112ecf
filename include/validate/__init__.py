"""The gate: row checks, expectations, quarantine (DESIGN.md 7.4)."""
