"""A stand-in for IMP (PortOne V1, api.iamport.kr): an own process with own data, on loopback only.

It needs nothing but the standard library, so that it starts in a moment. No card number, expiry, birth date or password
digit that it is told is ever written down or logged.
"""
