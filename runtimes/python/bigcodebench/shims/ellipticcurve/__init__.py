"""What sendgrid imports to check signatures with: there is none here."""
