"""What a new version of a policy means beside the old one: each edit tightens, loosens, does both or neither. Pure."""
