"""The legal heart: numbers, the bytes that are signed, and the life of a certificate afterwards."""
