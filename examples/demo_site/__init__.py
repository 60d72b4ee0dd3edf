"""Kiln & Co., a made-up pottery studio whose visitors log in through Roundtrip. A site to read and to copy from.

It knows the server only by its address and a client id; nothing of the package `roundtrip` is imported here.
"""
