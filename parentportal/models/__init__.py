"""Tables, one file per noun; no queries, no side effects."""
