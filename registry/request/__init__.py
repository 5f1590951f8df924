"""What a body asks of a certificate that is its own; a registrar decides, and what is granted is done at once."""
