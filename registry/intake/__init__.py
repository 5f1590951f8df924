"""Handing in: from a signed file to stored results, ready for review.

It stands above ``assessment`` because it also asks what was certified before.
"""
