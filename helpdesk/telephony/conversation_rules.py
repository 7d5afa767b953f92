"""What may go on inside a conversation: transfers, supervisors, recordings; and numbers with a rule of their own."""

from enum import StrEnum


class TransferKind(StrEnum):
    """Blind: the caller goes at once. Warm: the operators talk first, the caller is on hold."""

    BLIND = "blind"
    WARM = "warm"


class TransferState(StrEnum):
    ASKED = "asked"
    TALKING = "talking"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


TRANSFER_MOVES: dict[TransferState, frozenset[TransferState]] = {
    TransferState.ASKED: frozenset(
        {TransferState.TALKING, TransferState.DONE, TransferState.CANCELLED, TransferState.FAILED}
    ),
    TransferState.TALKING: frozenset({TransferState.DONE, TransferState.CANCELLED, TransferState.FAILED}),
    TransferState.DONE: frozenset(),
    TransferState.CANCELLED: frozenset(),
    TransferState.FAILED: frozenset(),
}


OPEN_TRANSFER = (TransferState.ASKED, TransferState.TALKING)


class WrapupCode(StrEnum):
    """What came of a conversation, as its operator says in one word."""

    RESOLVED = "resolved"
    INFORMED = "informed"
    PASSED_ON = "passed_on"
    CALLBACK = "callback"
    NO_CONTACT = "no_contact"
    WRONG_NUMBER = "wrong_number"
    JOKE = "joke"
    OTHER = "other"


class SupervisionMode(StrEnum):
    """Listen: nobody hears the supervisor. Whisper: the operator does. Barge: everybody."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"


class SupervisionState(StrEnum):
    ASKED = "asked"
    JOINED = "joined"
    ENDED = "ended"


SUPERVISION_MOVES: dict[SupervisionState, frozenset[SupervisionState]] = {
    SupervisionState.ASKED: frozenset({SupervisionState.JOINED, SupervisionState.ENDED}),
    SupervisionState.JOINED: frozenset({SupervisionState.ENDED}),
    SupervisionState.ENDED: frozenset(),
}


class RecordingKind(StrEnum):
    VOICEMAIL = "voicemail"
    CONVERSATION = "conversation"


class RecordingState(StrEnum):
    """WANTED is written before the carrier is asked; IMPORTED means: ours, with its hash, and gone at the carrier."""

    WANTED = "wanted"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    ABSENT = "absent"
    IMPORTED = "imported"
    ERASED = "erased"


RECORDING_MOVES: dict[RecordingState, frozenset[RecordingState]] = {
    RecordingState.WANTED: frozenset({RecordingState.RUNNING, RecordingState.COMPLETED, RecordingState.ABSENT}),
    RecordingState.RUNNING: frozenset({RecordingState.PAUSED, RecordingState.COMPLETED, RecordingState.ABSENT}),
    RecordingState.PAUSED: frozenset({RecordingState.RUNNING, RecordingState.COMPLETED, RecordingState.ABSENT}),
    RecordingState.COMPLETED: frozenset({RecordingState.IMPORTED, RecordingState.ABSENT}),
    RecordingState.ABSENT: frozenset(),
    RecordingState.IMPORTED: frozenset({RecordingState.ERASED}),
    RecordingState.ERASED: frozenset(),
}


class NumberRule(StrEnum):
    """Blocked: calls from it are turned away. Do not call: nothing of ours rings it."""

    BLOCKED = "blocked"
    DO_NOT_CALL = "do_not_call"
