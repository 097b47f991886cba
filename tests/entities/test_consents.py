"""Consents of persons live. Source: study of entities, section a2."""

from mockso.entities.answer import Entities
from mockso.entities.changes import messages


def test_a_consent_is_given_and_taken_back(client):
    person = client.post("Person", {"Firstname": "Ann"})["PersonId"]
    client.put("ConsentPurpose", 1, {"Name": "Store", "Key": "STORE"})
    client.put("LegalBase", 2, {"Name": "Contract", "Key": "CONTRACT"})
    path = f"Person/{person}/Consent/STORE"
    ask = {"PersonId": person, "Purpose": "STORE"}

    assert client.get(path) is False
    assert client.call("PUT", f"{path}?source=EMAIL&legalBase=CONTRACT&comment=yes")[0] == 204
    assert client.agent("Person/HasConsent", ask) is True
    info = client.agent("Person/GetConsentInfos", {"PersonId": person})[0]
    assert (info["ConsentPurposeName"], info["LegalBaseKey"], info["Comment"]) == ("Store", "CONTRACT", "yes")
    client.agent("Person/RemoveConsent", ask)
    assert client.get(path) is False


def test_a_consent_of_nobody_is_404(client):
    assert client.call("GET", "Person/4711/Consent")[0] == 404


def test_webhooks_hear_of_a_consent_and_of_its_end(client, monkeypatch):
    person = client.post("Person", {"Firstname": "Ann"})["PersonId"]
    client.put("ConsentPurpose", 1, {"Name": "Store", "Key": "STORE"})
    client.put("LegalBase", 2, {"Name": "Contract", "Key": "CONTRACT"})
    answer, events = Entities.answer, []
    monkeypatch.setattr(
        Entities,
        "answer",
        lambda self, call, view, signal: answer(self, call, view, lambda view, event: events.append(event)),
    )

    client.call("PUT", f"Person/{person}/Consent/STORE?source=EMAIL&legalBase=CONTRACT&comment=yes")
    client.call("DELETE", f"Person/{person}/Consent/STORE")

    names = [message.name for event in events for message in messages(event)]
    assert names == ["person.consented", "person.unconsented"]
