"""What a value is: VARIANT, numbers, times, and the rows of a result."""
