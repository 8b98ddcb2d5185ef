"""The sample board: files in the real formats, and the people who use it."""
