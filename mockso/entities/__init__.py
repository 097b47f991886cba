"""The verbs on living entities: what a call reads, saves, lists and deletes of its tenant's rows."""
