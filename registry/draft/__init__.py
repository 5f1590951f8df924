"""Drafts (报送草稿): what a body is working on, stored first and checked by a worker (docs/decisions/020-drafts.md).

Nothing here is evidence, and nothing here is reviewed. A draft that is right becomes its *settled content*, which the
body signs; from there on the one way into the register is intake's.
"""
