"""Keys that a telephone, a computer or a small device keeps for somebody."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class Passkey(Base):
    """The public half of a passkey; the private one never leaves the device.

    `sign_count` is the device's own counter, 0 where it has none; `last_challenge` is the question that was answered
    last: the same answer never opens twice.
    """

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    last_challenge: Mapped[bytes | None] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(String(60), default="")
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
