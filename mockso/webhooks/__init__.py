"""Webhooks: what is registered, what is signalled, what is sent, and what becomes of a target that fails.

Source of all rules: behaviour of the real server, section 16. Pure are `signature`, `events`, `payload` and
`states`; `hooks` keeps a tenant's registrations, `answers` makes them by the documented operations, and only
`sender` sends. Nothing here is imported before a webhook is made, listed or signalled.
"""
