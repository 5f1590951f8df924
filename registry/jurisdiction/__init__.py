"""What the provinces ask: deadlines, the rule for 发证日期, working days.

Data with its clauses; a value that no text states is not guessed.
"""
