"""A holder's photo (二寸免冠照片): from an archive of the body to the picture that the register keeps, and whose it is.

Nothing here knows the register: no database, no rows but those that ``matching`` is given.
"""
