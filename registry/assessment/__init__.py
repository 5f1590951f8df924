"""What a body hands in: submissions, candidates and their results; reading, checking, storing."""
