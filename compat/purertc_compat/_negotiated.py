"""The descriptions of one connection as text, shared by the objects that show parts of them."""

from dataclasses import dataclass

from purertc_compat._sdp_view import Section, sections

__all__ = ["NegotiatedTexts"]


@dataclass(slots=True)
class NegotiatedTexts:
    """What both sides said last, and who offered first."""

    local: str | None = None
    remote: str | None = None
    created: str | None = None
    """The last offer or answer that was made here, applied or not."""
    offered_first: bool = False
    dtls_role: str = "auto"
    """``auto`` until an answer says who is ``client`` and who is ``server`` (RFC 8842)."""

    @property
    def local_text(self) -> str | None:
        """The local description, else what was made last."""
        return self.local or self.created

    def local_data_section(self) -> Section | None:
        """The local section of the data channels."""
        return data_section(self.local)

    def remote_data_section(self) -> Section | None:
        """The remote section of the data channels."""
        return data_section(self.remote)


def data_section(sdp: str | None) -> Section | None:
    """Return the section of the data channels, if there is one."""
    return next((section for section in sections(sdp or "") if section.is_data), None)
