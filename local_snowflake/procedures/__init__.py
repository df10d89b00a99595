"""Python procedures: their statements, their processes, and the network that they may reach."""
