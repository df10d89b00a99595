"""What an execution is: its statuses, changes, history, policy and answer; no HTTP and no SQL."""
