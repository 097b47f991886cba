"""Names of database fields: the columns of the vendor's tables behind the properties of the main kinds.

Source: the vendor's database dictionary, the mapping by name and meaning; likely. Properties that live in
tables of their own (phones, addresses, custom fields) have no field here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Table(NamedTuple):
    """A table of the database: its name, its key's field, and the field of each property."""

    name: str
    key: str
    fields: Mapping[str, str]


_STAMPS = "CreatedDate=registered CreatedBy=registered_associate_id UpdatedDate=updated UpdatedBy=updated_associate_id"
_TABLES = {
    "Contact": f"""contact contact_id {_STAMPS} Name=name Kananame=kananame GroupId=group_id Department=department OrgNr=orgNr
        Number1=number1 Number2=number2 Associate=associate_id Country=country_id Business=business_idx
        Category=category_idx Xstop=xstop NoMailing=nomailing SupportAssociate=supportAssociateId
        SupportPerson=supportPersonId CustomerLanguage=supportLanguageId TicketPriority=ticketPriorityId
        Source=source ActiveInterests=activeInterests ActiveErpLinks=activeErpLinks Description=text_id
        Deleted=deleted DbiAgentId=dbi_agent_id DbiKey=dbi_key DbiLastModified=dbi_last_modified
        DbiLastSyncronized=dbi_last_syncronized""",
    "Person": f"""person person_id {_STAMPS} Firstname=firstname MiddleName=middleName Lastname=lastname Mrmrs=mrmrs
        Title=title Contact=contact_id Country=country_id Associate=associate_id Business=business_idx
        Category=category_idx Position=position_idx PersonNumber=person_number Retired=retired Source=source
        Salutation=salutation NoMailing=nomailing Kanafname=kanafname Kanalname=kanalname
        UsePersonAddress=usepersonaddress ActiveInterests=activeInterests ActiveErpLinks=activeErpLinks
        SupportAssociate=supportAssociateId CustomerLanguage=supportLanguageId TicketPriority=ticketPriorityId
        ShowContactTickets=showContactTickets BirthDate=year_of_birth Leadstatus=leadstatus_id SentInfo=sentInfo
        Post1=post1 Post2=post2 Post3=post3 Description=text_id
        CreatedByFormId=created_by_form_id DbiAgentId=dbi_agent_id DbiKey=dbi_key
        DbiLastModified=dbi_last_modified DbiLastSyncronized=dbi_last_syncronized""",
    "Appointment": f"""appointment appointment_id {_STAMPS} Associate=associate_id Contact=contact_id Person=person_id
        Project=project_id Sale=sale_id StartDate=do_by EndDate=endDate ActiveDate=activeDate Task=task_idx
        Priority=priority_idx Type=type Completed=status Private=private Description=text_id MotherId=mother_id
        InvitedPerson=invitedPersonId ColorIndex=color_index LagTime=lagTime LeadTime=leadtime
        Recurrence=recurrenceRuleId Location=location IsAlldayEvent=alldayEvent IsFree=freeBusy
        RejectCounter=rejectCounter RejectReason=rejectReason HasAlarm=hasAlarm AlarmLeadTime=alarm
        AssignedBy=assignedBy PreferredTZLocation=preferredTZLocation SuggestedAppointmentId=suggestedAppointmentId
        IsMileStone=isMilestone ActiveLinks=activeLinks JoinVideomeetUrl=join_videomeet_url
        CentralserviceVideomeetId=centralservice_videomeet_id Agenda=agenda_text_id
        InternalNotes=internal_notes_text_id CautionWarning=cautionWarning MotherAssociate=mother_associate_id
        OwnedExternally=owned_externally""",
    "Sale": f"""sale sale_id {_STAMPS} Associate=associate_id Contact=contact_id Person=person_id Project=project_id
        Appointment=appointment_id Heading=heading SaleText=text_id Saledate=saledate Amount=amount
        Earning=earning EarningPercent=earning_percent Rating=probability_idx Probability=probability
        Status=status Completed=done Number=number1 Currency=currency_id Competitor=comptr_id
        Credited=credited_id Source=source_id Reason=reason_id ReasonSold=reasonSold_id
        ReasonStalled=reasonStalled_id SaleType=saleType_id Postit=postitText_id NextDueDate=nextDueDate
        ReopenDate=reopenDate ActiveLinks=activeLinks ActiveErpLinks=activeErpLinks""",
    "Project": f"""project project_id {_STAMPS} Name=name ProjectNumber=project_number Associate=associate_id
        ProjectType=type_idx ProjectStatus=status_idx Description=text_id Postit=postitText_id Completed=done
        EndDate=endDate NextMilestoneDate=nextMilestoneDate NmdAppointmentId=nmdAppointment_id
        ActiveLinks=activeLinks ActiveErpLinks=activeErpLinks""",
    "Document": f"""document document_id {_STAMPS} Name=name Header=header OurRef=our_ref YourRef=your_ref
        Attention=attention Snum=snum ExternalRef=extref Description=text_id""",
    "Ticket": """ticket id CreatedAt=created_at LastChanged=last_changed CreatedBy=created_by OwnedBy=owned_by
        Title=title Author=author Activate=activate ClosedAt=closed_at Category=category Slevel=slevel
        BaseStatus=status Status=ticket_status Person=cust_id Priority=priority AlertLevel=alert_level
        AlertTimeout=alert_timeout ReadByOwner=read_by_owner FirstReadByOwner=first_read_by_owner
        FirstReadByUser=first_read_by_user ReadByCustomer=read_by_customer RepliedAt=replied_at
        TimeToReply=time_to_reply TimeToClose=time_to_close RealTimeToReply=real_time_to_reply
        RealTimeToClose=real_time_to_close RealTimeSpentInternally=real_time_spent_internally
        RealTimeSpentExternally=real_time_spent_externally RealTimeSpentQueue=real_time_spent_queue
        ReadStatus=read_status HasAttachment=has_attachment Deadline=deadline
        Origin=origin TimeSpentInternally=time_spent_internally TimeSpentExternally=time_spent_externally
        TimeSpentQueue=time_spent_queue NumReplies=num_replies NumMessages=num_messages
        FromAddress=from_address Tags=tags Language=language Sentiment=sentiment
        SentimentConfidence=sentimentConfidence Sale=sale_id Project=project_id TimeSpent=time_spent
        TicketType=ticket_type ConnectId=connect_id SuggestedCategoryId=suggestedCategory_id
        OrigHumanCategoryId=origHumanCategory_id FormSubmission=form_submission_id""",
    "Associate": """associate associate_id Name=name Rank=rank Tooltip=tooltip Deleted=deleted UserGroup=group_idx
        Person=person_id UserName=userName Lastlogin=lastlogin Lastlogout=lastlogout
        EjUserId=ejuserId""",
    "ProjectMember": """projectmember projectmember_id ProjectId=project_id ContactId=contact_id PersonId=person_id
        ProjectMemberTypeId=mtype_idx Comment=text_id Registered=registered Updated=updated""",
    "ContactRelation": f"""relations relation_id {_STAMPS} RelationDefinitionId=reldef_id
        SourceContactId=source_record SourcePersonId=source_record DestinationContactId=destination_record
        DestinationPersonId=destination_record Comment=relcomment Reversed=reversed""",
    "SaleStakeholder": """SaleStakeholder salestakeholder_id SaleId=sale_id ContactId=contact_id PersonId=person_id
        StakeholderRoleId=stakeholderrole_id Comment=comment Rank=rank""",
    "ChatSession": """chat_session id TopicId=topic_id User=user_id Person=customer_id CustomerAlias=customer_alias
        Status=status WhenRequested=when_requested WhenStarted=when_started WhenEnded=when_ended WhenIdle=idle
        WhenFetched=customer_fetch SessionKey=session_key InitialQueuePos=initial_queue_pos
        CustomerHost=customer_host AlertLevel=alert_level Rank=rank CustomerName=name
        CustomerCompanyName=company_name CustomerEmail=email CustomerPhone=phone FirstMessage=first_message
        LastMessage=last_message Flags=flags Project=project_id Sale=sale_id Ticket=ticket_id
        Contact=contact_id TransferTo=transfer_to CustomerConsented=consented
        ChatbotIsActive=chatbot_isactive Rating=rating""",
    "Selection": f"""selection selection_id {_STAMPS} Associate=associate_id GroupIdx=group_idx Name=name
        Description=text_id Postit=postitText_Id Visibility=visibility SelectionType=seltype
        SelectionCategory=searchCat_id CompanyUnique=companyUnique SoundEx=soundEx Source=source
        MemberCount=memberCount IncludePerson=includePerson TargetTableNumber=targetTableNumber Completed=done
        SelectionUnionType=combinationType LeftSelectionId=leftSelectionId RightSelectionId=rightSelectionId
        DashboardTileDefinitionId=dashboard_tile_definition_id ChartKey=chartKey LastLoaded=lastLoaded
        LastLoadedBy=lastLoadedBy LastLoadedByAssociate=lastLoadedBy UpdatedCount=updatedCount
        LastMembershipChange=lastMembershipChange
        LastMembershipChangeBy=lastMembershipChangeBy
        LastMembershipChangeByAssociate=lastMembershipChangeBy""",
}


def _table(text: str) -> Table:
    name, key, *pairs = text.split()
    return Table(name, key, dict(pair.split("=") for pair in pairs))


TABLES: Mapping[str, Table] = {kind: _table(text) for kind, text in _TABLES.items()}
"""The tables of the main kinds, by kind."""
