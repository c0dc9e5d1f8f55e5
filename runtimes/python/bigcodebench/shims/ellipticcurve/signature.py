class Signature:
    def __init__(self, *_, **__):
        raise NotImplementedError("there is no elliptic curve cryptography in the sandbox")

    fromString = fromPem = fromBase64 = verify = sign = classmethod(lambda cls, *_, **__: cls())
