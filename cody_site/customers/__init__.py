"""The customers' pages that join several apps; those of one app are in its `pages.py`."""
