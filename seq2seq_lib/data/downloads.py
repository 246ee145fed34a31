"""One file from the network: whole and with the right SHA-256, or not at all.

pooch fetches and checks it; requests, beneath, goes through the proxies that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name.
"""

from __future__ import annotations

import time
from pathlib import Path

from seq2seq_lib.utils.files import one_at_a_time, write_apart

#: Seconds in which a server has to answer, and in which each next piece has to follow.
TIMEOUT = 30.0
#: Seconds before the second and before the third try; there is no fourth.
WAITS = (1.0, 3.0)


class DownloadError(OSError):
    """Why a file did not arrive, in a few words; nothing of it stays on the disk."""


def download(url: str, sha256: str, path: Path, progress: bool) -> None:
    """Fetches `url` into `path`, whose folder is made, if no other process has done so meanwhile.

    What comes is written to a folder of its own beside `path`: what a killed process leaves there goes with the next
    download.

    Raises:
        DownloadError: when it did not arrive, or with other bytes.
        OSError: when the folder cannot be written.
    """
    with one_at_a_time(path.parent / ".locks" / path.name, path.name):
        if path.exists():
            return
        own = path.parent / f".{path.name}.partial"
        write_apart(path, own, lambda unfinished: _try_thrice(url, sha256, unfinished, progress))


def _try_thrice(url: str, sha256: str, path: Path, progress: bool) -> None:
    from requests import RequestException

    for wait in (*WAITS, None):
        try:
            return _retrieve(url, sha256, path, progress)
        except (RequestException, ValueError) as error:  # ValueError: pooch's, for a wrong checksum
            reason, may_pass = _reason(error)
            if wait is None or not may_pass:
                raise DownloadError(reason) from None
            time.sleep(wait)


def _retrieve(url: str, sha256: str, path: Path, progress: bool) -> None:
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("ERROR")  # its message would leave this machine's folder in a notebook's stored output
    try:
        downloader = pooch.HTTPDownloader(progressbar=progress, timeout=TIMEOUT)
        pooch.retrieve(url, f"sha256:{sha256}", fname=path.name, path=path.parent, downloader=downloader)
    finally:
        logger.setLevel(level)


def _reason(error: Exception) -> tuple[str, bool]:
    """What is wrong, in a few words, and whether another try may go better."""
    from requests import exceptions

    if isinstance(error, exceptions.HTTPError):
        status = error.response.status_code
        return f"the server answered {status}", status >= 500
    if "timed out" in str(error):  # requests has no class of its own for it once the first bytes have come
        return f"nothing came for {TIMEOUT:g} seconds", True
    no_address = exceptions.MissingSchema | exceptions.InvalidSchema | exceptions.InvalidURL
    reasons = [
        (exceptions.ProxyError, "no connection through the proxy", True),
        (exceptions.SSLError, "the server could not prove who it is", False),
        (exceptions.ChunkedEncodingError, "the connection was cut", True),
        (exceptions.ConnectionError, "no connection", True),
        (no_address, "that is no http or https address", False),
        (exceptions.RequestException, type(error).__name__, False),
        (ValueError, "what arrived has another SHA-256", True),
    ]
    return next((reason, may_pass) for kind, reason, may_pass in reasons if isinstance(error, kind))
