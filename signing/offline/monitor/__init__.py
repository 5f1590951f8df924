"""``certmonitor``: does the public log say what it should, all of it, and the same to everybody?

Whoever follows the log needs no word of the register's: what is read is believed as far as the log signed it, enough
witnesses cosigned it, and it hashes to what they signed. From run to run a state is kept, so that a log which takes
back, or shows two of its readers different things, is found out, with both checkpoints as the evidence.

What is judged is the log against itself, and against the tokens that a body holds. Whether a certificate should have
been issued is not: that is what the people who read the report know.
"""
