# For `make fuzz` alone: schemathesis is no part of requirements.txt, and takes its time to list what it will try.
collect_ignore = ["test_schemathesis.py"]
