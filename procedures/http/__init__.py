"""The client of the policy API: how requests are sent, repeated and slowed down."""
