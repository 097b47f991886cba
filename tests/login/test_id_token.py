"""The id_token: check 54 of the study, verified as libraries do."""

from __future__ import annotations

import json
import warnings

import jwt
import pytest
from joserfc import jwk
from joserfc import jwt as joserfc_jwt
from joserfc.errors import JoseError

from mockso.errors import SettingError
from mockso.login.claims import IAT_NOTE
from mockso.login.keys import Keys, has_signature, read_public_key, sign_system_token
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
    with pytest.raises(ValueError, match="no RSA key"):
        read_public_key(
            elliptic.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo).decode()
        )


def test_the_documents_are_json(flow):
    for path in ("openid-configuration", "jwks"):
        assert json.loads(flow.send("GET", f"/login/.well-known/{path}").body)
