"""What exists, whose it is, and which role may do what with it."""
