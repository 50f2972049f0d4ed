"""Which ICE credentials belong together, and what makes a restart (RFC 8839 section 4.4.1.1.1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from purertc.errors import InvalidStateError, SdpError
from purertc.sansio.local_description import LocalCandidates
from purertc.sansio.session import RemoteDescription, RemoteSession
from purertc.sansio.types import IceParameters

__all__ = ["Generation", "LocalGenerations", "RetiredFragments"]

_MAX_RETIRED = 64


@dataclass(frozen=True, slots=True)
class Generation:
    """The credentials of both sides that the transport runs with."""

    local: IceParameters
    remote: IceParameters

    def restarted_by_remote(self, data: RemoteSession | None) -> bool:
        """Whether the other side's section has new credentials; either of the two will do."""
        return data is not None and not _same(self.remote, data.ice)

    def restarted_by_local(self, ice: IceParameters) -> bool:
        """Whether these credentials of ours are new."""
        return not _same(self.local, ice)

    def check_offer(self, ice: IceParameters) -> None:
        """Check credentials for our offer. Raises InvalidStateError when only half is new."""
        if self.restarted_by_local(ice):
            self._check_all_new(ice)

    def check_our_answer(self, ice: IceParameters, offered: RemoteSession) -> None:
        """Check credentials for our answer: new ones if the offer has some, else the old ones.

        Raises InvalidStateError.
        """
        wanted = self.restarted_by_remote(offered)
        if wanted != self.restarted_by_local(ice):
            raise InvalidStateError(
                "the offer restarts ICE; the answer must have new ICE credentials"
                if wanted
                else "an answer may have new ICE credentials only when the offer restarts ICE"
            )
        if wanted:
            self._check_all_new(ice)

    def check_their_answer(self, answered: RemoteSession, offered: IceParameters) -> None:
        """Check that the answer restarts ICE exactly when our offer did. Raises SdpError."""
        wanted = self.restarted_by_local(offered)
        if wanted == self.restarted_by_remote(answered):
            return
        raise SdpError(
            "the offer restarts ICE and the answer repeats the old ice-ufrag and ice-pwd; the"
            " other side cannot restart, so roll the offer back"
            if wanted
            else "the answer has a new ice-ufrag or ice-pwd, and the offer did not restart ICE"
        )

    def _check_all_new(self, ice: IceParameters) -> None:
        old = self.local
        if old.username_fragment == ice.username_fragment or old.password == ice.password:
            raise InvalidStateError("an ICE restart needs a new username fragment and password")


def _same(old: IceParameters, new: IceParameters) -> bool:
    return (old.username_fragment, old.password) == (new.username_fragment, new.password)


class LocalGenerations:
    """Our candidates, kept apart by the credentials they were gathered under.

    ``gathering`` belongs to the description that was applied last. Candidates that are found
    before there is any description belong to the first credentials that come.
    """

    __slots__ = ("_kept", "gathering")

    def __init__(self) -> None:
        self.gathering = LocalCandidates()
        self._kept: tuple[LocalCandidates, ...] = ()

    def for_credentials(self, ice: IceParameters) -> LocalCandidates:
        """Return the candidates of these credentials; new credentials begin with none."""
        if self.gathering.username_fragment is None:
            self.gathering.username_fragment = ice.username_fragment
        found = self._find(ice.username_fragment)
        return LocalCandidates(ice.username_fragment) if found is None else found

    def by_fragment(self, username_fragment: str | None) -> LocalCandidates | None:
        """Return candidates by their username fragment; None for those nobody describes."""
        return self.gathering if username_fragment is None else self._find(username_fragment)

    def describe(
        self, gathering: LocalCandidates | None, described: Iterable[LocalCandidates]
    ) -> None:
        """Make ``gathering`` the latest, if it is given, and forget all that are not described."""
        self._kept = tuple(described)
        if gathering is not None:
            self.gathering = gathering

    def _find(self, username_fragment: str) -> LocalCandidates | None:
        for candidates in (self.gathering, *self._kept):
            if candidates.username_fragment == username_fragment:
                return candidates
        return None


class RetiredFragments:
    """Username fragments that the other side has used before; the last 64 of them."""

    __slots__ = ("_fragments",)

    def __init__(self) -> None:
        self._fragments: dict[str, None] = {}

    def __contains__(self, username_fragment: str) -> bool:
        return username_fragment in self._fragments

    def retire(self, remote: RemoteDescription | None) -> None:
        """Remember those of a description that is replaced or rolled back."""
        if remote is None:
            return
        for fragment in remote.username_fragments:
            if fragment is not None:
                self._fragments.pop(fragment, None)
                self._fragments[fragment] = None
        while len(self._fragments) > _MAX_RETIRED:
            del self._fragments[next(iter(self._fragments))]
