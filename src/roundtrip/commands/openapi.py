"""The API's description on standard output."""

from __future__ import annotations

import click

from roundtrip.app import openapi_document


@click.command()
def openapi() -> None:
    """Print the API as an OpenAPI document."""
    click.echo(openapi_document().decode())
