"""Who acts: accounts, the roles they were appointed to, the keys they sign with, and what each may do."""
