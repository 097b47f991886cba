"""Names of the columns of archives and the properties they show: one table for all kinds.

All names are in small letters. Source: the providers' pages and recorded rows (study of entities, section d3);
what was not recorded goes by the name (likely).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# A leaf, and the paths it may show, the first that a kind has.
LEAVES: Mapping[str, Sequence[str]] = {
    "activated": ("Activate",),
    "alarm": ("HasAlarm",),
    "amountinbasecurrency": ("Amount",),
    "amountweighted": ("WeightedAmount",),
    "amountweightedinbasecurrency": ("WeightedAmount",),
    "appid": ("ForeignAppId",),
    "appname": ("Name",),
    "associate": ("Associate",),
    "associatedbid": ("Associate",),
    "associateid": ("Associate", "AssociateId"),
    "bodytext": ("Body",),
    "categoryfullname": ("Category",),
    "code": ("Number1", "Code"),
    "comment": ("Comment",),
    "completeddate": ("UpdatedDate",),
    "cost": ("UnitCost",),
    "countryid": ("Country", "CountryId"),
    "createdat": ("CreatedAt", "CreatedDate"),
    "createddate": ("CreatedDate", "CreatedAt"),
    "date": ("StartDate", "Saledate", "Date", "CreatedDate"),
    "deadline": ("Deadline",),
    "docname": ("Name",),
    "done": ("Completed",),
    "email": ("Email", "EmailAddress"),
    "endtime": ("EndDate",),
    "enddate": ("EndDate",),
    "function": ("ProjectMemberTypeName",),
    "fullnamewithcontact": ("FullName",),
    "has_attachment": ("HasAttachment",),
    "hascompany": ("Contact",),
    "hasinfotext": ("Description", "Comment"),
    "hasinterests": ("ActiveInterests",),
    "infotext": ("Comment", "Description"),
    "interestids": ("Interests",),
    "kanafirstname": ("Kanafname",),
    "kanalastname": ("Kanalname",),
    "kind": ("SelectionType",),
    "leadstatus": ("Leadstatus",),
    "listprice": ("UnitListPrice",),
    "lossreason": ("Reason",),
    "messagelanguage": ("Language",),
    "minimumprice": ("UnitMinimumPrice",),
    "name": ("Name", "Heading", "Title", "Header", "FullName"),
    "namedepartment": ("FullName",),
    "nextmilestone": ("NextMilestoneDate",),
    "nomail": ("NoMailing",),
    "number": ("Number2", "ProjectNumber", "PersonNumber", "Number"),
    "numberofmessages": ("NumMessages",),
    "numberofreplies": ("NumReplies",),
    "orgnr": ("OrgNr",),
    "phone": ("Phone", "DirectPhone"),
    "probpercent": ("Probability",),
    "recordtypetext": ("Type",),
    "registered": ("CreatedDate", "CreatedAt", "Registered"),
    "registeredby": ("CreatedBy",),
    "registereddate": ("CreatedDate", "CreatedAt", "Registered"),
    "publishedfrom": ("PublishFrom",),
    "publishedto": ("PublishTo",),
    "relationcomment": ("Comment",),
    "relationname": ("ActiveText",),
    "reversedname": ("PassiveText",),
    "salesroleid": ("StakeholderRoleId",),
    "salestatus": ("Status",),
    "sentimentscore": ("Sentiment",),
    "soldreason": ("ReasonSold",),
    "stage": ("Rating",),
    "stagename": ("Rating",),
    "stageid": ("Rating",),
    "stagerank": ("Rating.Rank",),
    "stalledcomment": ("ReasonStalled",),
    "status": ("ProjectStatus", "Status", "Completed"),
    "stop": ("Xstop", "NoMailing"),
    "subject": ("Header", "Title", "Heading"),
    "suggestedcategory": ("SuggestedCategoryName",),
    "supportlanguage": ("CustomerLanguage",),
    "text": ("Title", "Description", "SaleText", "Heading", "Header"),
    "ticketmessageid": ("EjMessageId",),
    "time": ("StartDate",),
    "type": ("Task", "DocumentTemplate", "SaleType", "ProjectType", "SelectionType", "Type"),
    "updated": ("UpdatedDate", "LastChanged", "Updated"),
    "updateddate": ("UpdatedDate", "LastChanged", "Updated"),
    "useasmailingaddress": ("UsePersonAddress",),
    "vat": ("VAT",),
    "who": ("FullName",),
}

# Leaves of one kind that mean something else there, or nothing.
OF_KIND: Mapping[str, Mapping[str, Sequence[str]]] = {
    "Associate": {
        "assocname": ("Name",),
        "assoctooltip": ("Tooltip",),
        "assoctype": ("Type",),
        "associatedbid": ("AssociateId",),
        "contactdepartment": ("Person.Contact.Department",),
        "contactfullname": ("Person.Contact.FullName",),
        "contactcategory": ("Person.Contact.Category",),
        "contactid": ("Person.Contact",),
        "contactname": ("Person.Contact.Name",),
        "ejdisplayname": ("FullName",),
        "firstname": ("Person.Firstname",),
        "lastname": ("Person.Lastname",),
        "middlename": ("Person.MiddleName",),
        "mrmrs": ("Person.Mrmrs",),
        "personemail": ("Person.Email",),
        "personid": ("Person",),
        "title": ("Person.Title",),
        "usergroup": ("UserGroup",),
        "usergroupid": ("UserGroup",),
    },
    "Appointment": {
        "intention": (),
        "rawtype": ("Type",),
        "rawstatus": ("Completed",),
        "recordtype": ("Type",),
        "usergroup": ("Associate.UserGroup",),
        "who": ("Associate.FullName",),
        "booking": (),
    },
    # A provider of companies has the columns of their persons beside its own: these are not those of a company.
    "Contact": {"who": ("FullName",), "fullname": (), "title": (), "deleteddate": (), "leadstatus": ()},
    "ContactRelation": {
        "contactid": ("DestinationContactId",),
        "personid": ("DestinationPersonId",),
        "contactname": ("DestinationContactName",),
        "fullname": ("DestinationPersonName",),
    },
    "Document": {
        "usergroup": ("Associate.UserGroup",),
        "name": ("Name", "Header"),
        "who": ("Associate.FullName",),
    },
    "ForeignApp": {},
    "Product": {},
    "Project": {"text": ("Description",)},
    "Sale": {
        "text": ("Heading", "SaleText"),
        "usergroup": ("Associate.UserGroup",),
        "description": ("SaleText",),
        "who": ("Associate.FullName",),
        "status": ("Status",),
    },
    "Ticket": {
        "contactid": ("Person.Contact",),
        "categoryid": ("Category",),
        "priorityid": ("Priority",),
        "priorityname": ("Priority",),
        "statusid": ("Status",),
        "statusname": ("Status",),
        "status": ("BaseStatus",),
        "typename": ("TicketType",),
        "content": (),
    },
    "TicketMessage": {"header": ("EmailHeader",)},
}

# Parts of a date, and the property they are of.
PARTS: Mapping[str, tuple[str, slice]] = {
    "birthyear": ("BirthDate", slice(0, 4)),
    "birthmonth": ("BirthDate", slice(5, 7)),
    "birthday": ("BirthDate", slice(8, 10)),
}

# Steps that lead to the row itself.
OWN_STEPS = frozenset({"publish", "info", "event"})

# Steps that lead to another row by another name than the property's, as paths of properties.
STEPS: Mapping[str, str] = {
    "registeredby": "CreatedBy",
    "registered_associate_id": "CreatedBy",
    "updated_associate": "UpdatedBy",
}
STEPS_OF_KIND: Mapping[str, Mapping[str, str]] = {
    "Ticket": {"contact": "Person.Contact"},
    "TicketMessage": {"contact": "Person.Contact"},
    "ContactRelation": {
        "source": "SourceContactId",
        "target": "DestinationContactId",
        "contact": "DestinationContactId",
        "person": "DestinationPersonId",
    },
}

# Steps to an address, whose leaves are these.
ADDRESSES: Mapping[str, Sequence[str]] = {
    "streetaddress": ("Street",),
    "postaddress": ("Postal",),
    "address": ("Street", "Postal"),
    "privateaddress": ("Street", "Postal"),
    "restrictionaddress": ("Street", "Postal"),
    "restrictionpostaladdress": ("Postal",),
    "mailingaddr": ("Postal", "Street"),
}
ADDRESS_LEAVES: Mapping[str, str] = {
    "line1": "Address1",
    "line2": "Address2",
    "line3": "Address3",
    "city": "City",
    "county": "County",
    "state": "State",
    "zip": "Zipcode",
    "formattedaddress": "*",
    "formattedmultilineaddress": "*",
}

# Steps to a list of phones, mail addresses or web pages: the first one is shown.
ELEMENTS: Mapping[str, Sequence[str]] = {
    "phone": ("Phones", "OfficePhones"),
    "searchphone": ("Phones", "OfficePhones"),
    "phones": ("Phones", "OfficePhones"),
    "restrictionphone": ("Phones", "OfficePhones"),
    "fax": ("Faxes",),
    "directfax": ("Faxes",),
    "email": ("Emails",),
    "url": ("Urls",),
    "directphone": ("OfficePhones",),
    "mobilephone": ("MobilePhones",),
    "private": ("PrivatePhones",),
    "pager": ("OtherPhones",),
}
ELEMENT_LEAVES: Mapping[str, str] = {
    "formattednumber": "Value",
    "number": "Value",
    "emailaddress": "Value",
    "urladdress": "Value",
    "searchphonenumber": "StrippedValue",
    "description": "Description",
    "emaildescription": "Description",
    "urldescription": "Description",
}
