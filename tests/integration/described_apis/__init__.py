"""Small servers that answer as the documentation of real APIs says, and what runs against them."""
