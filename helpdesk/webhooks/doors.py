"""Every door for carriers; signed, and safe to come twice."""

from flask import Blueprint

from helpdesk.webhooks import (
    callbacks,
    closed,
    conversation,
    emergency,
    messages,
    operator_phone,
    promises,
    recordings,
    supervisors,
    voice,
    voicemail,
    waiting,
)

CARRIER_DOORS: tuple[Blueprint, ...] = (
    voice.door,
    waiting.door,
    promises.door,
    closed.door,
    voicemail.door,
    recordings.door,
    conversation.door,
    operator_phone.door,
    supervisors.door,
    emergency.door,
    callbacks.door,
    messages.door,
)
