"""`make bench`: how fast the site is, as a share of what the same machine can do at best in the same minutes."""
