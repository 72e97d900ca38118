"""`make scan`: two scanners that know nothing of the code go through a running site and report what they find."""
