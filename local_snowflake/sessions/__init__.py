"""The state of a session, and what all sessions of the account share."""
