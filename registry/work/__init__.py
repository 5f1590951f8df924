"""The register's own work, found by state alone, and how the workers that do it are getting on."""
