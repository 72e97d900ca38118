"""Apps of migrations that no release has: what old code can live with (next), and what the linter refuses (bad)."""
