"""Webhooks: an event is signalled, signed and sent, and tried again when its target fails.

Source of all rules: behaviour of the real server, section 16. `signature`, `events` and `payload` are pure;
a tenant's registrations and how they change are in `mockso.state.hooks`; `answers` has the documented
operations, and only `sender` sends.
"""
