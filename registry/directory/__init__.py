"""Who may assess what, where and until when: occupations, bodies, sites, listings, number profiles."""
