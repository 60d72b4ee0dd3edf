"""The query language of the business APIs: one parser, one translation into SQL. What can be asked for is declared by each API."""
