"""Recordings by people, in the place of the synthetic voice."""

from datetime import datetime

from sqlalchemy import BigInteger, Float, ForeignKey, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class VoiceRecording(Base):
    """What somebody recorded for a piece of a prompt, for an organization and everything below it.

    The sound lies in the store under `digest`: WAV, µ-law, 8 kHz, mono. A row is never deleted: a call that was just
    told to play it still finds it, and what was replaced can be heard again; the one that counts has no `ended_at`.
    """

    __tablename__ = "voice_recordings"
    __table_args__ = (
        Index(
            "uq_voice_recordings_current",
            "organization_id",
            "piece_id",
            "language",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_voice_recordings_digest", "digest"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    piece_id: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(3))
    digest: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    seconds: Mapped[float] = mapped_column(Float)
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
