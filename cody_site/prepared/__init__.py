"""Statements of every request, their SQL written once: the ORM takes longer to write it than a database to obey it."""

from cody_site.prepared.ahead import read_ahead
from cody_site.prepared.inserts import PreparedInsert, PreparedInsertOfTwo
from cody_site.prepared.queries import Asked, Prepared, PreparedForOne
from cody_site.prepared.statements import Parameter

__all__ = ["Asked", "Parameter", "Prepared", "PreparedForOne", "PreparedInsert", "PreparedInsertOfTwo", "read_ahead"]
