"""The id_token: check 54 of the study, verified as libraries do."""

from __future__ import annotations

import json
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from joserfc import jwk
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError

from mockso.errors import SettingError
from mockso.login.claims import IAT_NOTE
from mockso.login.keys import Keys, has_signature, sign_system_token
from mockso.state.public_key import read_public_key
from tests.conftest import NOON
from tests.login.flows import IDENTITY, ORIGIN, claims_of, json_of

CLAIMS = {"aud": "mockso-client", "iss": ORIGIN}


def keys_of(flow):
    return json_of(flow.send("GET", "/login/.well-known/jwks"))


def test_check_54_the_claims_and_their_forms(flow):
    token = flow.log_in(nonce="n-1")["id_token"]

    header, claims = jwt.get_unverified_header(token), claims_of(token)
    identity = {name.removeprefix(IDENTITY): value for name, value in claims.items() if "/" in name}

    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in keys_of(flow)["keys"]}
    assert header["kid"] == header["kid"].upper()
    assert (claims["aud"], claims["iss"], claims["nonce"]) == ("mockso-client", ORIGIN, "n-1")
    assert claims["iat"] == str(int(NOON))
    assert (claims["nbf"], claims["exp"]) == (NOON - 60, NOON + 300)
    assert all(isinstance(value, str) for value in identity.values())
    assert identity["webapi_url"] == f"{ORIGIN}/Cust12345/api/"
    assert identity["netserver_url"] == f"{ORIGIN}/Cust12345/Remote/Services88/"
    assert (identity["ctx"], identity["associateid"], identity["initials"]) == ("Cust12345", "1", "KAB")
    assert identity["is_administrator"] == "True"
    assert identity["system_token"].startswith("mockso-")


def test_no_system_token_for_who_is_no_administrator(flow):
    claims = claims_of(flow.log_in(mockso_user="INS")["id_token"])

    assert claims[f"{IDENTITY}is_administrator"] == "False"
    assert f"{IDENTITY}system_token" not in claims


def test_check_54_pyjwt_takes_it(flow, times):
    token = flow.log_in()["id_token"]
    key = jwt.PyJWKSet.from_dict(keys_of(flow)).keys[0]

    options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}  # the mock's clock stands
    claims = jwt.decode(token, key, ["RS256"], audience="mockso-client", issuer=ORIGIN, options=options)

    assert claims["sub"] == "kari.aas.bakke@nordlys.example"
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, ["RS256"], audience="another", options=options)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token[:-8] + "AAAAAAAA", key, ["RS256"], audience="mockso-client", options=options)


@pytest.mark.parametrize("iat", ["text", "number"])
def test_check_54_joserfc_verifies_it_and_validates_a_number(flow_of, iat):
    flow = flow_of(id_token_iat=iat)
    decoded = joserfc_jwt.decode(flow.log_in()["id_token"], jwk.KeySet.import_key_set(keys_of(flow)))
    registry = joserfc_jwt.JWTClaimsRegistry(now=int(NOON))

    if iat == "number":
        registry.validate(decoded.claims)
    else:
        with pytest.raises(JoseError):
            registry.validate(decoded.claims)


@pytest.mark.parametrize("iat", ["text", "number"])
def test_check_54_authlib_verifies_it_and_validates_a_number(flow_of, iat):
    with warnings.catch_warnings(record=True):  # it says that joserfc comes in its place
        from authlib.jose import JsonWebKey, JsonWebToken

    flow = flow_of(id_token_iat=iat)
    claims = JsonWebToken(["RS256"]).decode(
        flow.log_in()["id_token"], JsonWebKey.import_key_set(keys_of(flow))
    )

    if iat == "number":
        claims.validate(now=int(NOON))
    else:
        with pytest.raises(Exception, match="iat"):
            claims.validate(now=int(NOON))


def test_the_journal_says_who_refuses_a_text(flow_of):
    for iat, note in (("text", IAT_NOTE), ("number", None)):
        flow = flow_of(id_token_iat=iat)
        flow.log_in()

        assert flow.engine.journal.find()[0]["note"] == note


def test_the_certificate_is_that_of_the_key(flow):
    key = keys_of(flow)["keys"][0]

    certificate = f"-----BEGIN CERTIFICATE-----\n{key['x5c'][0]}\n-----END CERTIFICATE-----\n"

    assert read_public_key(certificate).public_numbers() == jwt.PyJWK(key).key.public_numbers()


# --- keys -------------------------------------------------------------------------------------------


def test_keys_are_kept_in_a_folder_and_nobody_else_reads_them(tmp_path):
    folder = str(tmp_path / "keys")

    first, second = Keys(folder).document(), Keys(folder).document()

    assert first == second != Keys().document()
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["login.pem"]
    assert (tmp_path / "keys" / "login.pem").stat().st_mode & 0o077 == 0


def test_an_id_token_of_before_verifies_after_a_restart(flow_of, tmp_path):
    token = flow_of(login_keys=str(tmp_path)).log_in()["id_token"]

    key = jwt.PyJWKSet.from_dict(keys_of(flow_of(login_keys=str(tmp_path)))).keys[0]

    jwt.decode(token, key, ["RS256"], audience="mockso-client", options={"verify_exp": False})


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(SettingError, match=r"login_keys: .*login\.pem cannot be read"):
        Keys(str(tmp_path / "file")).document()


def test_a_file_that_is_no_key_is_named(tmp_path):
    (tmp_path / "login.pem").write_text("x")

    with pytest.raises(SettingError, match="Remove it, and it is made anew"):
        Keys(str(tmp_path)).document()


def pem_of(key, password: bytes = b"") -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    lock = forms.BestAvailableEncryption(password) if password else forms.NoEncryption()
    return key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, lock)


def certificate_of(key) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.hashes import SHA256

    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "own")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36500))
        .sign(key, SHA256())
        .public_bytes(forms.Encoding.PEM)
    )


@pytest.mark.parametrize("bits", [1024, 2048, 4096])
def test_a_key_of_any_size_may_be_put_there(flow_of, tmp_path, bits):
    from cryptography.hazmat.primitives.asymmetric import rsa

    own = rsa.generate_private_key(65537, bits)
    (tmp_path / "login.pem").write_bytes(pem_of(own) + certificate_of(own))
    flow = flow_of(login_keys=str(tmp_path))

    key = jwt.PyJWKSet.from_dict(keys_of(flow)).keys[0]

    assert key.key.public_numbers() == own.public_key().public_numbers()
    assert keys_of(flow)["keys"][0]["e"] == "AQAB"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyJWT finds 1024 bits too few
        jwt.decode(
            flow.log_in()["id_token"], key, ["RS256"], audience="mockso-client", options={"verify_exp": False}
        )


@pytest.mark.parametrize(
    "fault", ["not an RSA key", "that of another key", "is not a key with its certificate"]
)
def test_a_key_that_cannot_sign_is_named_and_why(tmp_path, fault):
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = rsa.generate_private_key(65537, 2048)
    elliptic = ec.generate_private_key(ec.SECP256R1())
    content = {
        "not an RSA key": pem_of(elliptic) + certificate_of(elliptic),
        "that of another key": pem_of(key) + certificate_of(rsa.generate_private_key(65537, 2048)),
        "is not a key with its certificate": pem_of(key, b"password") + certificate_of(key),
    }
    (tmp_path / "login.pem").write_bytes(content[fault])

    with pytest.raises(SettingError, match=fault):
        Keys(str(tmp_path)).document()


def test_a_key_with_a_password_is_no_public_key():
    from cryptography.hazmat.primitives.asymmetric import rsa

    text = pem_of(rsa.generate_private_key(65537, 2048), b"password").decode()

    with pytest.raises(ValueError, match="protected by a password: give the public key"):
        read_public_key(text)


@pytest.mark.parametrize(
    "text", ["x", "-----BEGIN PUBLIC KEY-----\nAA\n-----END PUBLIC KEY-----", "CERTIFICATE", "PRIVATE \ud800"]
)
def test_what_is_no_key_is_told(text):
    with pytest.raises(ValueError, match="it is not a key in PEM"):
        read_public_key(text)


def test_several_that_start_at_once_have_one_key(tmp_path):
    start = threading.Barrier(4)

    def make(_: int) -> str:
        start.wait()
        return str(Keys(str(tmp_path)).document())

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(make, range(4)))) == 1


def test_an_applications_own_key_is_taken_in_every_form():
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    public = key.public_key().public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    text, _, signature = sign_system_token("My App-a", NOON, private).rpartition(".")

    from base64 import b64decode

    for pem in (public.decode(), private.decode()):
        assert has_signature(text, b64decode(signature), pem)
    assert not has_signature(text, b64decode(signature), "")
    elliptic = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(ValueError, match="not an RSA key"):
        read_public_key(
            elliptic.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo).decode()
        )


def test_the_documents_are_json(flow):
    for path in ("openid-configuration", "jwks"):
        assert json.loads(flow.send("GET", f"/login/.well-known/{path}").body)
