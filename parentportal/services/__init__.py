"""Use cases: the only code that writes; each writes its audit row and mail in the same transaction."""
