"""`make bench`: what the portal costs, against the bars that were set for it; never a test."""
