"""What requests to be told can be asked for."""

from __future__ import annotations

from typing import Final

from roundtrip.query.fields import Field, Fields, Kind

REQUESTS: Final = Fields(
    {
        "id": Field(Kind.ID, "id"),
        "email": Field(Kind.ID, "email_key"),
        "status": Field(Kind.TEXT, "status"),
        "catalogReference.catalogItemId": Field(Kind.ID, "product_id"),
        "createdDate": Field(Kind.TIME, "created_at", sortable=True),
    },
    key="id",
    default_sort=("-createdDate",),
)
