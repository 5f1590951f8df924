"""The public log as the register keeps it: leaves of the journal, files for everybody, signed heads."""
