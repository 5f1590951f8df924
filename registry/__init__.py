"""What is true: directory, assessment, review, certificate, journal, and the doors to them."""
