"""Every door for carriers; signed, and safe to come twice."""

from flask import Blueprint

from helpdesk.webhooks import callbacks, conversation, messages, promises, voice, waiting

CARRIER_DOORS: tuple[Blueprint, ...] = (
    voice.door,
    waiting.door,
    promises.door,
    conversation.door,
    callbacks.door,
    messages.door,
)
