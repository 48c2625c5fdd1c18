"""What is said of a signature that is refused."""

import pytest

from govern.ledger.sshsig import SignatureError, check_signature, read_signer


def refused(text: str, message: bytes, namespace: str = "govern") -> tuple[str, str]:
    """Return the code and the words of the refusal. Who is said to have signed is refused alike, unless only the text is another."""
    with pytest.raises(SignatureError) as caught:
        check_signature(text, message, namespace)
    if caught.value.code == "SIG_INVALID":
        read_signer(text, namespace)
    else:
        with pytest.raises(SignatureError) as read:
            read_signer(text, namespace)
        assert (read.value.code, str(read.value)) == (caught.value.code, str(caught.value))
    return caught.value.code, str(caught.value)
