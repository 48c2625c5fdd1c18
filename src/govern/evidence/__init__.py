"""Evidence: what a rehearsal leaves behind, checked by one file that needs nothing else, and sealed against its bytes."""
