#!/usr/bin/env python3
"""A plugin of Notation's plugin protocol 1.0 for the suites, named by its file: notation-NAME.

KEYS/KEYID.key and KEYS/KEYID.crt (the chain) beside it are its keys; KEYID says the kind: ec256, rsa2048, ...
NAME 'interop' signs bytes; 'interop-envelope' makes JWS envelopes that demand the verification plugin
'interop-verify', which says yes unless its configuration has deny=CAPABILITY.
"""
import base64, datetime, hashlib, json, os, subprocess, sys, tempfile

NAME = os.path.basename(sys.argv[0])[len("notation-"):]
KEYS = os.path.join(os.path.dirname(os.path.realpath(sys.argv[0])), "keys")
IDENTITY, REVOCATION = "SIGNATURE_VERIFIER.TRUSTED_IDENTITY", "SIGNATURE_VERIFIER.REVOCATION_CHECK"
CAPABILITIES = {
    "interop": ["SIGNATURE_GENERATOR.RAW"],
    "interop-envelope": ["SIGNATURE_GENERATOR.ENVELOPE"],
    "interop-verify": [IDENTITY, REVOCATION],
}
KINDS = {
    "ec256": ("EC-256", "ECDSA-SHA-256", "sha256", 32, "ES256"),
    "ec384": ("EC-384", "ECDSA-SHA-384", "sha384", 48, "ES384"),
    "ec521": ("EC-521", "ECDSA-SHA-512", "sha512", 66, "ES512"),
    "rsa2048": ("RSA-2048", "RSASSA-PSS-SHA-256", "sha256", 0, "PS256"),
    "rsa3072": ("RSA-3072", "RSASSA-PSS-SHA-384", "sha384", 0, "PS384"),
    "rsa4096": ("RSA-4096", "RSASSA-PSS-SHA-512", "sha512", 0, "PS512"),
}


def fail(code, message):
    json.dump({"errorCode": code, "errorMessage": message}, sys.stderr)
    sys.exit(1)


def raw(der, size):
    """r and s of an ASN.1 signature, each in a field of its own."""
    at = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    out = b""
    for _ in range(2):
        length = der[at + 1]
        out += int.from_bytes(der[at + 2 : at + 2 + length], "big").to_bytes(size, "big")
        at += 2 + length
    return out


def sign(key, message):
    _, _, digest, size, _ = KINDS[key]
    pss = [] if size else ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    with tempfile.NamedTemporaryFile() as file:
        file.write(message)
        file.flush()
        command = ["openssl", "dgst", "-" + digest, "-sign", os.path.join(KEYS, key + ".key"), *pss, file.name]
        made = subprocess.run(command, capture_output=True, check=True).stdout
    return raw(made, size) if size else made


def chain(key):
    pem = open(os.path.join(KEYS, key + ".crt")).read()
    return ["".join(one.split("-----END")[0].split()) for one in pem.split("-----BEGIN CERTIFICATE-----")[1:]]


def url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def envelope(request):
    key = request["keyId"]
    header = {
        "alg": KINDS[key][4],
        "cty": request["payloadType"],
        "crit": ["io.cncf.notary.signingScheme", "io.cncf.notary.verificationPlugin", "com.example.profile"],
        "io.cncf.notary.signingScheme": "notary.x509",
        "io.cncf.notary.signingTime": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "io.cncf.notary.verificationPlugin": "interop-verify",
        "com.example.profile": "interop",
    }
    signed = url(json.dumps(header).encode()) + "." + url(base64.b64decode(request["payload"]))
    whole = {
        "payload": signed.split(".")[1],
        "protected": signed.split(".")[0],
        "header": {"x5c": chain(key)},
        "signature": url(sign(key, signed.encode())),
    }
    return base64.b64encode(json.dumps(whole).encode()).decode()


def verify(request):
    denied = request.get("pluginConfig", {}).get("deny", "")
    asked = request["trustPolicy"]["signatureVerification"]
    return {
        "verificationResults": {one: {"success": denied not in one or not denied, "reason": "denied"} for one in asked},
        "processedAttributes": request["signature"]["unprocessedAttributes"],
    }


def answer(command, request):
    if command == "get-plugin-metadata":
        return {
            "name": NAME, "description": "for the suites", "version": "1.0.0", "url": "https://example.com",
            "supportedContractVersions": ["1.0"], "capabilities": CAPABILITIES[NAME],
        }
    if command == "verify-signature":
        return verify(request)
    key = request["keyId"]
    if key not in KINDS:
        fail("VALIDATION_ERROR", "no key " + key)
    if command == "describe-key":
        return {"keyId": key, "keySpec": KINDS[key][0]}
    if command == "generate-signature":
        made = sign(key, base64.b64decode(request["payload"]))
        return {
            "keyId": key, "signature": base64.b64encode(made).decode(), "signingAlgorithm": KINDS[key][1],
            "certificateChain": chain(key),
        }
    if command == "generate-envelope":
        return {"signatureEnvelope": envelope(request), "signatureEnvelopeType": request["signatureEnvelopeType"]}
    fail("VALIDATION_ERROR", "no command " + command)


json.dump(answer(sys.argv[1], json.load(sys.stdin)), sys.stdout)
