"""What happened: one event for each act, written in the act's own transaction."""
