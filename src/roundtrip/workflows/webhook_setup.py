"""What pages and operations about webhooks need of the installation."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class WebhookSetup:
    """`sealing_key` is what keys are sealed with; `inside` are hosts in the operator's network that live sites may name, too."""

    sealing_key: bytes = field(repr=False)
    inside: frozenset[str] = frozenset()
