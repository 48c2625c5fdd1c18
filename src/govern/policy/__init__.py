"""The language of `states.yaml`: text to positioned tree, tree to model, model to findings."""
