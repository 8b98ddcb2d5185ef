"""Pure decisions: no database, no Flask, no clock."""
