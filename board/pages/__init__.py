"""The board as customers meet it: open to every reader, written by who has signed in.

Who has not, or not any more, loses nothing by it: what was typed waits in the session (accounts/drafts.py).
"""
