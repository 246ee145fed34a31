"""Multi30k's files from the network: right and whole, or refused in one sentence with nothing left in the way."""

from __future__ import annotations

import gzip
import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seq2seq_lib.data import downloads, multi30k
from seq2seq_lib.data.corpora import load_corpus
from seq2seq_lib.data.pairs import Pair
from tests.loopback import FileServer, Proxy, running
from tests.test_corpora import refusal

ROOT = Path(__file__).resolve().parent.parent
NAMES = [f"{stem}.{language}.gz" for stem in ("train", "val", "test_2016_flickr") for language in ("en", "fr")]
FAULTY = "train.en.gz"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

#: What a server may do wrong, what the message then says, and how often it is asked.
FAULTS = {
    "cut": ("the connection was cut", 3),
    "cut without a length": ("another SHA-256", 3),
    "wrong": ("another SHA-256", 3),
    "hang": ("nothing came for 0.5 seconds", 3),
    404: ("the server answered 404", 1),
    500: ("the server answered 500", 3),
    503: ("the server answered 503", 3),
}


@pytest.fixture
def published(monkeypatch):
    """Stand-ins for Multi30k's files, name -> bytes, with their checksums in place of the real ones."""
    empty = 200 * gzip.compress(b"", mtime=0)  # so that a file is too long to arrive, and be written, in one piece
    files = {name: gzip.compress(f"{name} 1\n{name}  2\n".encode(), mtime=0) + empty for name in NAMES}
    monkeypatch.setattr(multi30k, "MULTI30K_SHA256", {n: hashlib.sha256(b).hexdigest() for n, b in files.items()})
    for variable in (multi30k.CACHE_VARIABLE, multi30k.MIRROR_VARIABLE, *PROXIES, *map(str.lower, PROXIES)):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(downloads, "WAITS", (0, 0))
    return files


@pytest.fixture
def server(published, monkeypatch):
    """Serves the stand-ins."""
    with running(FileServer(published)) as started:
        monkeypatch.setattr(multi30k, "MULTI30K_URL", started.url)
        yield started


def load(cache):
    return load_corpus("multi30k", cache=cache, quiet=True)


def left_in(cache):
    """Files of the cache, locks aside, which are empty and stay."""
    return sorted(path.name for path in cache.rglob("*") if path.is_file() and path.parent.name != ".locks")


# Once, then offline


def test_download_once_then_offline(server, tmp_path, monkeypatch, capsys):
    cache = tmp_path / "cache" / "new"
    first = load_corpus("multi30k", cache=cache)
    output = capsys.readouterr()
    assert output.out == "multi30k: 6 pairs (train 2, valid 2, test 2)\n"
    assert "100%" in output.err  # the progress bar
    assert str(cache) not in output.err
    assert first.train[1] == Pair("train.en.gz  2", "train.fr.gz  2")  # as published, double space included
    server.files.clear()
    monkeypatch.setenv(multi30k.CACHE_VARIABLE, str(cache))
    assert load_corpus("multi30k").fingerprint == first.fingerprint
    assert sorted(server.asked) == sorted(NAMES)


def test_tampered_cache_is_refused_and_left_alone(server, tmp_path):
    cache = tmp_path / "cache"
    load(cache)
    tampered = gzip.compress(b"one\ntwo\n")
    (cache / "val.fr.gz").write_bytes(tampered)
    message = refusal("multi30k", cache=cache)
    assert all(part in message for part in (str(cache / "val.fr.gz"), "SHA-256", "SEQ2SEQ_CACHE"))
    assert (cache / "val.fr.gz").read_bytes() == tampered


def test_argument_goes_before_variable_and_quiet_shows_no_bar(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(multi30k.CACHE_VARIABLE, str(tmp_path / "variable"))
    load(tmp_path / "argument")
    assert capsys.readouterr() == ("", "")
    assert (tmp_path / "argument").exists()
    assert not (tmp_path / "variable").exists()


def test_cache_that_is_a_file(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    message = refusal("multi30k", cache=tmp_path / "file", quiet=True)
    assert "SEQ2SEQ_CACHE" in message
    assert "None" not in message


def test_sides_of_different_length(published, tmp_path, monkeypatch):
    data = gzip.compress(b"only one line\n")
    monkeypatch.setitem(multi30k.MULTI30K_SHA256, "val.fr.gz", hashlib.sha256(data).hexdigest())
    for name, content in (published | {"val.fr.gz": data}).items():
        (tmp_path / name).write_bytes(content)
    message = refusal("multi30k", cache=tmp_path)
    assert all(part in message for part in ("val.en.gz", "val.fr.gz", "2 lines", "has 1"))


def test_unknown_test_set():
    message = refusal("multi30k", test_set="test_2019")
    assert all(name in message for name in ("test_2016_flickr", "test_2017_mscoco"))


# Servers that fail


@pytest.mark.parametrize("fault", FAULTS)
def test_a_server_that_stays_wrong_is_refused_and_leaves_nothing_in_the_way(server, tmp_path, monkeypatch, fault):
    cache, (reason, times) = tmp_path / "cache", FAULTS[fault]
    server.plans[FAULTY] = [fault] * times
    with monkeypatch.context() as hurry:
        hurry.setattr(downloads, "TIMEOUT", 0.5 if fault == "hang" else downloads.TIMEOUT)
        message = refusal("multi30k", cache=cache, quiet=True)
    expected = (f"could not get {FAULTY} (", f"{reason})", "try again", str(cache), "SEQ2SEQ_CACHE", "SEQ2SEQ_MIRROR")
    assert all(part in message for part in expected), message
    assert server.asked == [FAULTY] * times
    assert not left_in(cache)
    assert len(load(cache).train) == 2, "right at the next call, with nothing deleted by hand"
    assert left_in(cache) == sorted(NAMES)


@pytest.mark.parametrize("fault", [fault for fault, (_, times) in FAULTS.items() if times > 1])
def test_what_goes_wrong_twice_is_tried_again_without_a_word(server, tmp_path, monkeypatch, capsys, fault):
    monkeypatch.setattr(downloads, "TIMEOUT", 1.0 if fault == "hang" else downloads.TIMEOUT)
    server.plans["test_2016_flickr.fr.gz"] = [fault, fault]
    assert len(load(tmp_path).train) == 2
    assert capsys.readouterr() == ("", "")
    assert left_in(tmp_path) == sorted(NAMES)


def test_a_slow_server_that_keeps_sending_is_waited_for(server, tmp_path):
    server.plans[FAULTY] = ["pieces"]
    load(tmp_path)
    assert len(server.asked) == len(NAMES)


def test_no_network(server, tmp_path, monkeypatch):
    monkeypatch.setattr(multi30k, "MULTI30K_URL", "http://127.0.0.1:9/")
    message = refusal("multi30k", cache=tmp_path, quiet=True)
    assert all(part in message for part in ("train.en.gz", "(no connection)", str(tmp_path), "SEQ2SEQ_CACHE"))
    monkeypatch.setattr(multi30k, "MULTI30K_URL", server.url)
    assert len(load(tmp_path).train) == 2


# Mirrors and proxies


@pytest.mark.parametrize("end", ["", "/", "/some/where/"])
def test_a_mirror_serves_the_files(server, tmp_path, monkeypatch, end):
    monkeypatch.setattr(multi30k, "MULTI30K_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv(multi30k.MIRROR_VARIABLE, server.url.rstrip("/") + end)
    assert len(load(tmp_path).train) == 2


def test_a_mirror_is_checked_like_the_original_and_its_password_is_not_told(server, tmp_path, monkeypatch):
    monkeypatch.setattr(multi30k, "MULTI30K_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv(multi30k.MIRROR_VARIABLE, server.url.replace("//", "//me:secret@"))
    server.plans["train.en.gz"] = ["wrong"] * 3
    message = refusal("multi30k", cache=tmp_path, quiet=True)
    assert "train.en.gz from the address in SEQ2SEQ_MIRROR (what arrived has another SHA-256)" in message
    assert "secret" not in message


def test_a_mirror_that_is_no_address(published, tmp_path, monkeypatch):
    monkeypatch.setenv(multi30k.MIRROR_VARIABLE, "mirror.example/multi30k")
    assert "SEQ2SEQ_MIRROR (that is no http or https address)" in refusal("multi30k", cache=tmp_path, quiet=True)


def test_downloads_go_through_the_proxy_that_the_usual_variables_name(server, tmp_path, monkeypatch):
    with running(Proxy()) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        load(tmp_path / "through")
        assert proxy.asked == [f"GET {server.url}{name}" for name in NAMES]
        proxy.asked.clear()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        load(tmp_path / "past")
        assert not proxy.asked
        monkeypatch.setattr(multi30k, "MULTI30K_URL", "https://data.example/")
        message = refusal("multi30k", cache=tmp_path / "refused", quiet=True)
        assert "(no connection through the proxy)" in message
        assert proxy.asked == ["CONNECT data.example:443"] * 3


# Processes that are killed, and processes that meet

CHILD = """
import json, sys
from seq2seq_lib.data import multi30k
from seq2seq_lib.data.corpora import load_corpus
multi30k.MULTI30K_URL, multi30k.MULTI30K_SHA256, cache = json.loads(sys.argv[1])
load_corpus("multi30k", cache=cache)
"""


def start(cache, told):
    """Another process that loads the stand-ins, and says what it says into the file `told`."""
    stand_ins = [multi30k.MULTI30K_URL, multi30k.MULTI30K_SHA256, str(cache)]
    with told.open("w") as output:
        return subprocess.Popen([sys.executable, "-uc", CHILD, json.dumps(stand_ins)], cwd=ROOT, stdout=output)


def wait_until(happened, child):
    while not happened():
        assert child.poll() is None, "the process ended before"
        time.sleep(0.01)


def test_a_download_whose_process_is_killed_is_done_again(server, tmp_path):
    cache = tmp_path / "cache"
    server.plans[FAULTY] = ["hang"]
    child = start(cache, tmp_path / "told")
    wait_until(lambda: any(path.stat().st_size for path in cache.glob(f".{FAULTY}.partial/tmp*")), child)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not (cache / FAULTY).exists()
    assert any(cache.glob(f".{FAULTY}.partial/tmp*")), "what it left"
    assert len(load(cache).train) == 2
    assert left_in(cache) == sorted(NAMES)


def test_of_two_processes_one_downloads_and_the_other_waits(server, tmp_path):
    server.plans["train.en.gz"] = ["wait"]
    told = [tmp_path / "first", tmp_path / "second"]
    children = [start(tmp_path / "cache", path) for path in told]
    wait_until(lambda: any("another process" in path.read_text() for path in told), children[0])
    server.go_on.set()
    for child, path in zip(children, told, strict=True):
        assert child.wait() == 0, path.read_text()
        assert "multi30k: 6 pairs" in path.read_text()
    assert sorted(server.asked) == sorted(NAMES), "each file was fetched once"
    assert left_in(tmp_path / "cache") == sorted(NAMES)
