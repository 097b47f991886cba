"""The words that invented values are made of: people, companies, places, titles and texts, all made up here.

Streets, people and companies are fictitious; cities, their postcodes and coordinates are real, so that a map
or a check of postcodes accepts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class City(NamedTuple):
    """A city with what belongs to it; degrees of WGS 84."""

    name: str
    county: str
    postcode: str
    latitude: float
    longitude: float


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CITIES = (
    City("Oslo", "Oslo", "0155", 59.9139, 10.7522),
    City("Bergen", "Vestland", "5003", 60.3929, 5.3241),
    City("Trondheim", "Trøndelag", "7010", 63.4305, 10.3951),
    City("Stavanger", "Rogaland", "4006", 58.9700, 5.7331),
    City("Drammen", "Buskerud", "3015", 59.7440, 10.2045),
    City("Kristiansand", "Agder", "4611", 58.1467, 7.9956),
    City("Fredrikstad", "Østfold", "1607", 59.2181, 10.9298),
    City("Sandnes", "Rogaland", "4306", 58.8524, 5.7352),
    City("Sandefjord", "Vestfold", "3210", 59.1312, 10.2167),
    City("Sarpsborg", "Østfold", "1706", 59.2839, 11.1096),
    City("Bodø", "Nordland", "8006", 67.2804, 14.4049),
    City("Skien", "Telemark", "3724", 59.2096, 9.6090),
    City("Ålesund", "Møre og Romsdal", "6002", 62.4722, 6.1495),
    City("Tønsberg", "Vestfold", "3111", 59.2675, 10.4076),
    City("Moss", "Østfold", "1531", 59.4340, 10.6577),
    City("Haugesund", "Rogaland", "5525", 59.4138, 5.2680),
    City("Arendal", "Agder", "4836", 58.4615, 8.7725),
    City("Hamar", "Innlandet", "2317", 60.7945, 11.0680),
    City("Molde", "Møre og Romsdal", "6413", 62.7375, 7.1591),
    City("Gjøvik", "Innlandet", "2815", 60.7957, 10.6916),
    City("Lillehammer", "Innlandet", "2609", 61.1153, 10.4662),
    City("Narvik", "Nordland", "8514", 68.4385, 17.4272),
    City("Alta", "Finnmark", "9510", 69.9689, 23.2716),
    City("Tromsø", "Troms", "9008", 69.6492, 18.9553),
)
STREETS = _words(
    "Bakkegata Dokkveien Elvegata Fjordgata Havnegata Kirkeveien Kvernveien Lindeveien Møllergata Nygata "
    "Parkveien Skogveien Solbakken Stasjonsveien Storgata Strandveien Torggata Tunveien Verkstedveien Vikaveien"
)
FIRST_NAMES = _words(
    "Ann Anders Astrid Bente Bjørn Camilla Einar Elin Erik Eva Frida Geir Grete Hanna Henrik Hilde Ida Ingrid "
    "Ivar Jens Johan Kari Knut Kristin Lars Lena Liv Magnus Maria Marit Mette Morten Nils Nina Odd Ole Per "
    "Ragnhild Rolf Silje Sigurd Solveig Stein Terje Tone Tor Trond Unni Vidar Åse"
)
LAST_NAMES = _words(
    "Aas Bakke Berg Berntsen Borge Brekke Dahl Eide Engen Fjeld Foss Fredriksen Gran Hagen Haugen Hegge Holm "
    "Iversen Jensen Kolstad Kvam Lie Lund Løken Moe Myhre Nilsen Nygaard Olsen Rud Ruud Sand Sletten Solberg "
    "Strand Sunde Tangen Tveit Ulven Vik"
)
COMPANY_WORDS = _words(
    "Bjerke Bølgen Dalstad Ekeberg Elvestad Fagernes Fjellbekk Furulund Granli Havbris Isfjell Kystlinjen "
    "Lyngdal Midtbyen Mosvik Nordlia Solheim Steinvik Sundby Svanevik Tindeland Trollvann Utsikten Varden Østvang"
)
TRADES = _words(
    "Bygg Data Design Eiendom Elektro Energi Finans Handel Industri Konsult Logistikk Maskin Medier Regnskap "
    "Sjømat Teknikk Transport Verksted"
)
DEPARTMENTS = ("Administration", "Customer service", "Development", "Marketing", "Purchasing", "Sales")
JOBS = (
    "Account manager",
    "Buyer",
    "Chief executive",
    "Consultant",
    "Controller",
    "Head of IT",
    "Logistics manager",
    "Marketing manager",
    "Office manager",
    "Project manager",
    "Sales manager",
    "Technician",
)

# What rows of a kind are called; a list item's text otherwise.
TITLES: Mapping[str, tuple[str, ...]] = {
    "Appointment": (
        "Follow-up call",
        "First meeting",
        "Lunch with the board",
        "Product demo",
        "Status meeting",
    ),
    "Attachment": ("floor-plan.pdf", "photo.png", "price-list.pdf", "screenshot.png"),
    "Business": ("Construction", "Energy", "Finance", "IT", "Retail", "Transport"),
    "Category": ("Customer", "Former customer", "Partner", "Prospect", "Supplier"),
    "ChatTopic": ("Billing questions", "Sales questions", "Technical support"),
    "Country": ("Norway",),
    "Currency": ("NOK",),
    "CustomerLanguage": ("English", "Norwegian"),
    "Dash": ("My sales this quarter", "Open requests", "Sales pipeline"),
    "Document": (
        "Contract draft",
        "Minutes of the meeting",
        "Offer for delivery",
        "Requirements",
        "Welcome letter",
    ),
    "DocumentTemplate": ("Fax cover", "Letter", "Offer", "Order confirmation"),
    "List": ("Campaign channels", "Reasons for moving", "Regions"),
    "Position": ("Chief executive", "Finance", "IT", "Purchasing", "Sales"),
    "PriceList": ("Standard prices", "Partner prices"),
    "Priority": ("High", "Low", "Medium"),
    "Product": ("Annual service", "Control unit", "Installation", "Sensor kit", "Training day", "Warranty"),
    "Project": ("Customer day", "New warehouse", "Office move", "Spring campaign", "Website renewal"),
    "Quote": ("Delivery and installation", "Framework agreement", "Service contract"),
    "QuoteVersion": ("First version", "Version after the meeting"),
    "QuoteAlternative": ("With installation", "Without installation"),
    "QuoteLine": ("Annual service", "Control unit", "Installation", "Sensor kit", "Training day"),
    "RelationDefinition": ("Owner of", "Partner of", "Subsidiary of", "Supplier to"),
    "Role": ("Administrator", "Sales", "Support"),
    "Sale": (
        "Annual licences",
        "Control system",
        "Extra sensors",
        "Service agreement",
        "Upgrade of the plant",
    ),
    "SaleStage": ("Decision", "Negotiation", "Proposal", "Qualification"),
    "SaleType": ("Additional sale", "New sale", "Renewal"),
    "Selection": ("Christmas cards", "Customers in the north", "Newsletter", "Prospects without activity"),
    "Source": ("Advertisement", "Exhibition", "Recommendation", "Website"),
    "Task": ("E-mail", "Internal meeting", "Meeting", "Phone call", "Visit"),
    "Ticket": ("Cannot log in", "Invoice is missing", "Question about delivery", "Sensor gives no value"),
    "TicketCategory": ("Billing", "Delivery", "Support"),
    "TicketMessage": ("Re: Cannot log in", "Re: Invoice is missing", "Re: Question about delivery"),
    "TicketPriority": ("High", "Low", "Normal"),
    "TicketStatus": ("Active", "Postponed", "Solved"),
    "TicketType": ("Complaint", "Incident", "Order"),
    "UserGroup": ("Management", "Sales department", "Support department"),
    "Webhook": ("Changed companies", "New persons", "Sold sales"),
}
ITEMS = _words("Basic Blue Domestic External General Green Internal Large Regular Small Usual")
SENTENCES = (
    "Agreed to talk again after the summer.",
    "Asked for delivery before the end of the month.",
    "Came to us by recommendation.",
    "Has used our products for several years.",
    "Interested in the new version.",
    "Prefers to be called in the morning.",
    "The contract is to be renewed in the autumn.",
    "Wants an offer with installation included.",
)
FILES = ("contract.pdf", "drawing.pdf", "minutes.docx", "offer.pdf", "price-list.xlsx", "requirements.docx")
