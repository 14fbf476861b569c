"""An OpenID Connect provider of our own on 127.0.0.1 that lets everybody in as the one person it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


@dataclass
class Provider:
    """`email` is who logs in next."""

    url: str = ""
    email: str = "ann@example.org"


@contextmanager
def provide() -> Iterator[Provider]:
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    made, nonces = Provider(), dict[str, str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(split.query).items()}
            match split.path:
                case "/.well-known/openid-configuration":
                    self._answer(
                        {
                            "issuer": made.url,
                            "authorization_endpoint": f"{made.url}/authorize",
                            "token_endpoint": f"{made.url}/token",
                            "jwks_uri": f"{made.url}/keys",
                            "response_types_supported": ["code"],
                            "subject_types_supported": ["public"],
                            "id_token_signing_alg_values_supported": ["RS256"],
                        }
                    )
                case "/keys":
                    self._answer({"keys": [key.as_dict(private=False)]})
                case "/authorize":
                    code = f"code-{len(nonces)}"
                    nonces[code] = asked.get("nonce", "")
                    self.send_response(302)
                    back = urlencode({"code": code, "state": asked["state"]})
                    self.send_header("Location", f"{asked['redirect_uri']}?{back}")
                    self.end_headers()
                case _:
                    self.send_error(404)

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            now = int(time.time())
            claims = {
                "iss": made.url, "aud": "vouch", "sub": made.email, "email": made.email, "email_verified": True,
                "iat": now, "exp": now + 600, "nonce": nonces[form["code"][0]],
            }  # fmt: skip
            token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
            self._answer({"access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": token})

        def _answer(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
