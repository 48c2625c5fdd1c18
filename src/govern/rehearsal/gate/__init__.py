"""The gate that handed-over data passes: its shape, what each column may hold, secrets and personal data in the restored text."""
