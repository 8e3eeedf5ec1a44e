"""The LMS of the benchmark: one RSA key, its key set on loopback (at once or after a pause), signed launches."""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections import Counter

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from jwt.algorithms import RSAAlgorithm

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
CLIENT = "bench-client"
DEPLOYMENT = "1"
PAUSES = {"prompt": 0.0, "slow": 0.05}  # seconds before the key set is answered


class BenchLms:
    """Signs id_tokens and runs a process that answers for the key; `name` in addresses: prompt or slow."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        jwk = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        document = json.dumps({"keys": [{**jwk, "kid": "bench", "alg": "RS256", "use": "sig"}]})
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.lms"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(document + "\n")
        self.process.stdin.flush()
        self.host = f"127.0.0.1:{int(self.process.stdout.readline())}"
        self.header = _base64(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "bench"}).encode())

    def issuer(self, name: str) -> str:
        """Return the issuer whose key set answers as `name` says."""
        return f"http://{self.host}/{name}"

    def fetches(self, name: str) -> int:
        """Return how often the key set was asked for since the last call."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        """Stop answering."""
        with self.process:
            self.process.kill()

    def id_token(self, name: str, nonce: str, user: str, activity: str, launch_url: str) -> str:
        """Return a learner's launch, as Moodle words it."""
        now = int(time.time())
        claims = {
            "iss": self.issuer(name), "aud": CLIENT, "sub": user, "iat": now, "exp": now + 60, "nonce": nonce,
            LTI + "deployment_id": DEPLOYMENT, LTI + "message_type": "LtiResourceLinkRequest", LTI + "version": "1.3.0",
            LTI + "target_link_uri": launch_url, LTI + "resource_link": {"id": "9", "title": "Bench"},
            LTI + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
            LTI + "context": {"id": "2", "label": "B", "title": "Bench course", "type": ["CourseSection"]},
            LTI + "custom": {"activity": activity}, "name": f"Learner {user}", "given_name": "Bench",
            "family_name": user, "email": f"{user}@bench.example",
        }  # fmt: skip
        signed = f"{self.header}.{_base64(json.dumps(claims).encode())}"
        return f"{signed}.{_base64(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


async def _answer() -> None:
    """Serve the key set that comes on standard input; every further line asks how often it was fetched."""
    loop = asyncio.get_running_loop()
    document = sys.stdin.readline().strip()
    answer = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: max-age=3600\r\n"
        f"Content-Length: {len(document)}\r\n\r\n{document}"
    ).encode()
    asked: Counter[str] = Counter()

    class KeySet(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            assert isinstance(transport, asyncio.Transport)
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            if b"\r\n\r\n" in data:
                name = data.split(b"/", 2)[1].decode()
                asked[name] += 1
                loop.call_later(PAUSES[name], self.transport.write, answer)

    server = await loop.create_server(KeySet, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while name := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        print(asked.pop(name, 0), flush=True)


if __name__ == "__main__":
    asyncio.run(_answer())
