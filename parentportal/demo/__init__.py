"""The sample board: files in the forms that schools' systems write, and the people who use them."""
