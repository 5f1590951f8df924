"""The full check (全面核查): everything that the register claims, derived once more from what is stored.

Row by row: the journal's chain, what its events vouch for, states as the sum of events, numbers 1..N, every signature,
the reviews, the sealed columns, the signer's own journal, the public files. It reads and never mends, and it names
each fault with its row.

What it can not show by itself: whoever may write everywhere can rewrite rows, digests and the whole chain alike. What
he can not make are signatures, so certificates, decisions, submissions, trust bundle and status file hold; but
accounts, times, reasons and acts after release could be told anew. Only a witness outside finds that. ID checks are not
made again (20 ms for each, on purpose): they are what reviewers signed.
"""
