"""Pictures of things that no shop sells, for stores that are tried out: drawn here, so nothing is downloaded and nobody's rights are touched."""
