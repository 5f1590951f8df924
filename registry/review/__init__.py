"""Who confirmed what: the three steps, their signed decisions, their deadlines."""
