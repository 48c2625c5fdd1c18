"""Documents: what a template is given, how it is rendered, and whether a file still is what the state says."""
