"""The public log as the register keeps it: leaves out of the journal, files for everybody, heads that witnesses signed."""
