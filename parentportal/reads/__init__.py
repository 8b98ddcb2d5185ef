"""What a page shows: typed rows in a fixed small number of statements."""
