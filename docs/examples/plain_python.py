"""The whole road with `cryptography` alone: URL ENVIRONMENT ACCESS.pem SUBMISSION.pem RESULTS.json (docs/api.md)."""

import base64
import hashlib
import http.client
import json
import secrets
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.serialization import load_pem_private_key

url, environment, access_file, submission_file, results = sys.argv[1:]
access, submission = (
    load_pem_private_key(Path(f).read_bytes(), None) for f in (access_file, submission_file)
)


def key_id(key):
    cose_key = bytes.fromhex("a301012006215820") + key.public_key().public_bytes_raw()
    return hashlib.sha256(cose_key).digest()[:4]


def ask(method, path, content=b"", **headers):
    place = urlsplit(url)
    target, _, query = path.partition("?")
    covered = {"@method": method, "@authority": place.netloc.lower(), "@path": target, "@query": f"?{query}"}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if content:
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        sent |= {"content-digest": f"sha-256=:{digest}:", "content-length": str(len(content))}
    covered |= sent
    names = " ".join(f'"{name}"' for name in covered)
    parameters = f'({names});created={int(time.time())};nonce="{secrets.token_hex(16)}"'
    parameters += f';keyid="{key_id(access).hex()}";alg="ed25519";tag="certreg-api/{environment}"'
    base = (
        "".join(f'"{name}": {value}\n' for name, value in covered.items())
        + f'"@signature-params": {parameters}'
    )
    signature = base64.b64encode(access.sign(base.encode())).decode()
    sent |= {"signature-input": f"sig1={parameters}", "signature": f"sig1=:{signature}:"}
    connect = http.client.HTTPConnection if place.scheme == "http" else http.client.HTTPSConnection
    connection = connect(place.netloc, timeout=60)
    connection.request(method, path, content or None, sent)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        sys.exit(text.decode())
    return text


def item(major, content):  # CBOR: a text (3) or bytes (2) of less than 256 bytes
    size = len(content)
    return bytes([major << 5 | size] if size < 24 else [major << 5 | 24, size]) + content


def wait(draft):
    while (state := json.loads(ask("GET", f"/v1/drafts/{draft}")))["status"] in ("received", "signed"):
        time.sleep(1)
    return state


as_json = {"content_type": "application/json"}
operation = f'"{secrets.token_hex(16)}"'
draft = json.loads(
    ask("POST", "/v1/drafts", Path(results).read_bytes(), idempotency_key=operation, **as_json)
)["id"]
state = wait(draft)
if state["status"] == "faulty":
    sys.exit(json.dumps(json.loads(ask("GET", f"/v1/drafts/{draft}/faults")), ensure_ascii=False, indent=1))
if state["status"] == "submitted":  # the same file as before
    print(state["submission_id"])
    sys.exit()
settled = ask("GET", f"/v1/drafts/{draft}/settled")
issuer, digest = json.loads(settled)["issuer"].encode(), hashlib.sha256(settled).digest()
claim = b"\x84\x01" + item(3, issuer) + item(3, b"application/json") + item(2, digest)
protected = item(2, bytes.fromhex("a201320444") + key_id(submission))
aad = item(2, f"certreg/{environment}/submission/1".encode())
to_be_signed = b"\x84" + item(3, b"Signature1") + protected + aad + item(2, claim)
signed = b"\xd2\x84" + protected + b"\xa0\xf6" + item(2, submission.sign(to_be_signed))
said = json.dumps({"signature": base64.urlsafe_b64encode(signed).decode().rstrip("=")}).encode()
ask("PUT", f"/v1/drafts/{draft}/signature", said, **as_json)
state = wait(draft)
if state["status"] != "submitted":
    sys.exit(f"not submitted: {state['failure']}")
print(state["submission_id"])
