"""Products, charges, refunds, schedules, and the only door to IMP."""
