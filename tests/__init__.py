"""The tests: every one a sentence about the cast."""
