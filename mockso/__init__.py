"""mockso: the stand-in for the SuperOffice CRM WebAPI."""
