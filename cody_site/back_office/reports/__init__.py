"""What the salon's numbers say: one small module for each report, which asks the database and counts nothing itself."""
