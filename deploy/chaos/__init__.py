"""`make chaos`: a site that is used while its parts die, and afterwards the books."""
