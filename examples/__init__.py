"""Small runnable sites that use the server the way a customer does: over HTTP, and nothing else."""
