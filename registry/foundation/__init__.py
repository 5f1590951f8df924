"""What the register was founded with, for good: its environment and its secrets. Never the secrets themselves."""
