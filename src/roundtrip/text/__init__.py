"""Words for visitors: catalogues, languages, sentences."""
