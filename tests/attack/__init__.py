"""`make attack`: attacks on the ways in, each at its dose and against its bar, and each with the flaw put back."""
