"""The agent that has what `List/...` has: definitions, items, headings and user groups of a list by id or name.

Source: study of entities, section a1, rule 9; the REST pages name the agent's method behind each address.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities.lists import kind_called, result_form
from mockso.entities.plans import Plan

_ID, _NAME = "FromListDefinition", "FromListName"

# Method to verb, the argument with the list, the one with the item, the member with what is saved.
_METHODS: dict[str, tuple[str, str, str, str]] = {
    "GetListDefinitions": ("list_definitions", "", "", ""),
    "GetListEntity": ("list_definition", "listEntityId", "", ""),
    "GetListEntityByName": ("list_definition", "name", "", ""),
    "SaveListEntity": ("list_keep", "", "", ""),
    "SaveListEntityByName": ("list_define", "name", "", "listEntity"),
    "DeleteListEntity": ("list_drop", "listEntityId", "", ""),
    "DeleteListEntityByName": ("list_drop", "name", "", ""),
    "SetHeadingsForListItem": ("item_headings_set", "udListDefinitionId", "listItemId", ""),
    "SetRankOnHeadings": ("heading_ranks", "udListDefinitionId", "", ""),
    "SaveListItemEntity": ("list_save", "", "", "listItemEntity"),
}

for _suffix, _list, _of in ((_ID, "udListDefinitionId", "id"), (_NAME, "udListDefinitionName", "name")):
    _METHODS |= {
        f"GetAll{_suffix}": ("list_items", _list, "", ""),
        f"Get{_suffix}": ("list_item", _list, "id", ""),
        f"Add{_suffix}": ("list_save", _list, "", "item"),
        f"Save{_suffix}": ("list_save", _list, "id", "item"),
        f"SaveAll{_suffix}": ("list_save_all", _list, "", "items"),
        f"Delete{_suffix}": ("list_delete", _list, "id", ""),
        f"DeleteAll{_suffix}": ("list_clear", _list, "", ""),
        f"SaveHeadingsForListItem{_suffix}": ("item_headings_save", _list, "listItemId", "headings"),
    }
    _place = _suffix.replace("FromListName", "FromName")
    _METHODS |= {
        f"GetHeadings{_place}": ("heading_list", _of, "", ""),
        f"SaveHeading{_place}": ("heading_save", _of, "", "entity"),
        f"SaveHeadings{_place}": ("heading_save_all", _of, "", "entities"),
        f"DeleteAllHeadings{_place}": ("heading_clear", _of, "", ""),
    }
    _place = _suffix if _suffix == _NAME else ""
    _METHODS |= {
        "GetHeadings" + (f"ForListItem{_place}" if _place else ""): (
            "item_headings",
            _list,
            "listItemId",
            "",
        ),
        f"GetListItemsForHeading{_place}": ("heading_items", _list, "headingId", ""),
        f"SetListItemsForHeading{_place}": ("heading_items_save", _list, "headingId", ""),
        f"GetListItemsForUserGroup{_place}": ("group_items", _list, "groupId", ""),
        f"SetListItemsForUserGroup{_place}": ("group_items_save", _list, "usergroupId", ""),
        f"GetVisibleForUserGroups{_place}": ("item_groups", _list, "listItemId", ""),
        f"SetVisibleForUserGroups{_place}": ("item_groups_save", _list, "listItemId", "userGroups"),
    }

METHODS: Mapping[str, tuple[str, str, str, str]] = _METHODS


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation of the list agent on lists of any kind."""
    parts = operation.path.split("/")[3:]
    if parts[:2] != ["Agents", "List"] or parts[-1] not in METHODS:
        return None
    verb, list, key, member = METHODS[parts[-1]]
    form = result_form(operation)
    kind = contract.kinds.of(form) or kind_called("ListItem", contract)
    return Plan(verb, 9, kind, form, key=key, member=member, subject=f"{{{list}}}" if list else "")
