"""Which IP addresses anybody on the internet could reach: what keeps a caller's address from leading into the operator's network."""

from __future__ import annotations

import ipaddress

# Ways to write a private IPv4 address as a public IPv6 one (RFC 6052, RFC 3056, RFC 4380).
_DISGUISES = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "2001::/32", "::/96"))


def is_public(address: str) -> bool:
    """True when anybody on the internet could reach this IP address, and it is not a disguise of one that nobody can."""
    ip = _read(address)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not _is_disguised(ip)


def is_at_home(address: str) -> bool:
    """True for this machine and ordinary private networks; never for link-local addresses, where clouds keep their metadata."""
    ip = _read(address)
    is_special = ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_reserved
    return ip.is_loopback or (ip.is_private and not is_special)


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None else ip


def _is_disguised(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return ip.version == 6 and any(ip in net for net in _DISGUISES)
