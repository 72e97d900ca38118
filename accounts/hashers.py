from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """OWASP's minimum: 19 MiB, 2 passes, 1 lane. With Django's 100 MiB and 8 lanes 20 sign-ins stop a small host."""

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1


class ClientSecret(PBKDF2PasswordHasher):
    """For the 128 random characters of an OAuth client's secret: nothing to guess, so nothing to slow down.

    Never for a password that a person chose; admin forms let nobody type a client secret.
    """

    algorithm = "client_secret"
    iterations = 1
