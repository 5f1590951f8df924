"""TUF metadata around the public files: what protects a client from old, withheld and mixed ones (formats.md §12).

The files keep their own COSE signatures, by which a verifier with the pinned root alone judges them. The metadata
here (The Update Framework, specification 1.0) adds what a single file can not say of itself: that it is the newest,
that all belong together, and who follows the root keys.

``roles`` names the roles and how long their metadata lasts, ``metadata`` composes it, ``signatures`` signs it and
opens it again, ``root_chain`` follows the roots from the pinned one, ``offline`` is what root and custodian keys
sign at ceremonies, ``publication`` what the online keys sign each day, ``review`` and ``tree_review`` look at all of
it with a client's eyes, ``spare`` says which files of a public tree nobody needs any more.
"""
