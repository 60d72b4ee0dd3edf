"""Pictures of things that no shop sells, for stores that are tried out: drawn here, nothing is fetched and nobody's rights are touched."""
