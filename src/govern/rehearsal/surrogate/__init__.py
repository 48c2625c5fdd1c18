"""Surrogates: generated data of the shape of production, labelled in its own bytes; the same bytes for the same seed."""
