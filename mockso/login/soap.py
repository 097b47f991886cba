"""The SOAP form of the system user's login, and SAML: read with the XML reader of `formats`, written as text.

Source: section 4.3; namespace, action and elements are firm. Document types and entities are refused.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from mockso.contract.catalogue import Contract
from mockso.contract.model import ANY, Json
from mockso.formats.reading import UndecodableError
from mockso.formats.xml import from_xml

XML = "text/xml; charset=utf-8"
NAMESPACE = "http://www.superoffice.com/superid/partnersystemuser/0.1"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL = ' i:nil="true" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'


def read_request(body: bytes, contract: Contract) -> dict[str, str]:
    """The texts of an envelope's header and body, by element name in lower case. Raises UndecodableError."""
    if not body.strip():
        raise UndecodableError("broken-xml", "the envelope is missing")
    return dict(_texts(from_xml(body, ANY, contract)))


def _texts(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, key.lower())
    elif value is not None and not isinstance(value, list):
        yield name, str(value).strip()


def response(token: str, error: str) -> bytes:
    """The envelope of an answer."""
    flag = "false" if error else "true"
    return (
        f'<s:Envelope xmlns:s="{_ENVELOPE}"><s:Body><AuthenticationResponse xmlns="{NAMESPACE}">'
        f"<IsSuccessful>{flag}</IsSuccessful>{_element('Token', token)}{_element('ErrorMessage', error)}"
        "</AuthenticationResponse></s:Body></s:Envelope>"
    ).encode()


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>" if text else f"<{name}{_NIL}/>"


def saml_token(claims: Mapping[str, Any]) -> str:
    """A SAML assertion with the claims as attributes, in base64; it is not signed (assumed)."""
    start, end = (
        datetime.fromtimestamp(claims[name], UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for name in ("nbf", "exp")
    )
    attributes = "".join(
        f"<saml:Attribute AttributeName={quoteattr(name.rpartition('/')[2])} "
        f"AttributeNamespace={quoteattr(name.rpartition('/')[0])}>"
        f"<saml:AttributeValue>{escape(str(value))}</saml:AttributeValue></saml:Attribute>"
        for name, value in claims.items()
        if "/" in name
    )
    text = (
        '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" '
        f'Issuer={quoteattr(claims["iss"])}><saml:Conditions NotBefore="{start}" NotOnOrAfter="{end}"/>'
        f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
    )
    return b64encode(text.encode()).decode()


def wsdl(address: str) -> bytes:
    """The description of the service at an address."""
    return _WSDL.format(address=escape(address), namespace=NAMESPACE).encode()


_WSDL = """<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions name="PartnerSystemUserService" targetNamespace="{namespace}" xmlns:tns="{namespace}"
  xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <wsdl:types>
    <xsd:schema elementFormDefault="qualified" targetNamespace="{namespace}">
      <xsd:simpleType name="TokenType"><xsd:restriction base="xsd:string">
        <xsd:enumeration value="Jwt"/><xsd:enumeration value="Saml"/>
      </xsd:restriction></xsd:simpleType>
      <xsd:element name="ApplicationToken" type="xsd:string"/>
      <xsd:element name="ContextIdentifier" type="xsd:string"/>
      <xsd:element name="AuthenticationRequest"><xsd:complexType><xsd:sequence>
        <xsd:element name="SignedSystemToken" type="xsd:string"/>
        <xsd:element name="ReturnTokenType" type="tns:TokenType"/>
      </xsd:sequence></xsd:complexType></xsd:element>
      <xsd:element name="AuthenticationResponse"><xsd:complexType><xsd:sequence>
        <xsd:element name="IsSuccessful" type="xsd:boolean"/>
        <xsd:element name="Token" type="xsd:string" nillable="true"/>
        <xsd:element name="ErrorMessage" type="xsd:string" nillable="true"/>
      </xsd:sequence></xsd:complexType></xsd:element>
    </xsd:schema>
  </wsdl:types>
  <wsdl:message name="AuthenticationRequest">
    <wsdl:part name="parameters" element="tns:AuthenticationRequest"/>
  </wsdl:message>
  <wsdl:message name="AuthenticationRequest_Headers">
    <wsdl:part name="ApplicationToken" element="tns:ApplicationToken"/>
    <wsdl:part name="ContextIdentifier" element="tns:ContextIdentifier"/>
  </wsdl:message>
  <wsdl:message name="AuthenticationResponse">
    <wsdl:part name="parameters" element="tns:AuthenticationResponse"/>
  </wsdl:message>
  <wsdl:portType name="IPartnerSystemUserService"><wsdl:operation name="Authenticate">
    <wsdl:input message="tns:AuthenticationRequest"/><wsdl:output message="tns:AuthenticationResponse"/>
  </wsdl:operation></wsdl:portType>
  <wsdl:binding name="BasicHttpBinding" type="tns:IPartnerSystemUserService">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="Authenticate">
      <soap:operation soapAction="{namespace}/IPartnerSystemUserService/Authenticate" style="document"/>
      <wsdl:input>
        <soap:header message="tns:AuthenticationRequest_Headers" part="ApplicationToken" use="literal"/>
        <soap:header message="tns:AuthenticationRequest_Headers" part="ContextIdentifier" use="literal"/>
        <soap:body use="literal"/>
      </wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>
  <wsdl:service name="PartnerSystemUserService">
    <wsdl:port name="BasicHttpBinding" binding="tns:BasicHttpBinding">
      <soap:address location="{address}"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"""
