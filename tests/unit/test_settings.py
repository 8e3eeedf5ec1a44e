"""Settings refuse what is unsafe and say what to write instead."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from lti_mcred.files import resource_dir
from lti_mcred.settings import Settings, SettingsError, describe

GOOD = {"LTI_MCRED_SECRET_KEY": "x" * 40, "LTI_MCRED_PUBLIC_URL": "https://tool.example.edu"}


def test_production_refuses_the_default_secret():
    with pytest.raises(SettingsError, match="LTI_MCRED_SECRET_KEY needs at least 32"):
        Settings.load({"LTI_MCRED_PUBLIC_URL": "https://tool.example.edu"})


def test_production_refuses_a_short_secret():
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Settings.load({**GOOD, "LTI_MCRED_SECRET_KEY": "short"})


def test_production_refuses_http_on_a_public_host():
    with pytest.raises(SettingsError, match="must begin with https"):
        Settings.load({**GOOD, "LTI_MCRED_PUBLIC_URL": "http://tool.example.edu"})


def test_production_starts_with_a_secret_and_https():
    settings = Settings.load(GOOD)
    assert settings.secure
    assert settings.delivers


@pytest.mark.parametrize("url", ["tool.example.edu", "ftp://tool.example.edu", "https://", "https://a.example/path"])
def test_a_public_url_that_is_no_address_is_refused(url):
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        Settings.load({**GOOD, "LTI_MCRED_PUBLIC_URL": url})


@pytest.mark.parametrize("url", ["foo", "mysql://db/x", "postgresql://db/x", ""])
def test_another_database_is_refused(url):
    with pytest.raises(SettingsError, match="DATABASE_URL must begin with sqlite:/// or postgresql"):
        Settings.load({**GOOD, "LTI_MCRED_DATABASE_URL": url})


def test_lists_come_from_commas():
    settings = Settings.load({**GOOD, "LTI_MCRED_ALLOWED_PRIVATE_HOSTS": "moodle.campus:443, localhost:8001,"})
    assert settings.allowed_private_hosts == ("moodle.campus:443", "localhost:8001")


def test_a_number_that_is_none_names_the_setting():
    with pytest.raises(SettingsError, match="LTI_MCRED_WEB_THREADS must be a number, not 'many'"):
        Settings.load({**GOOD, "LTI_MCRED_WEB_THREADS": "many"})


def test_several_processes_need_postgresql():
    with pytest.raises(SettingsError, match="PostgreSQL"):
        Settings.load({**GOOD, "LTI_MCRED_WEB_PROCESSES": "2"})


def test_a_trusted_proxy_must_be_an_address():
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        Settings.load({**GOOD, "LTI_MCRED_TRUSTED_PROXIES": "proxy.campus"})


@pytest.mark.parametrize(
    "languages", ["xx", "english", "e", "", " , ", "es", "en,es", "en_US", "en-", "-", "en;de", "zz-ZZ"]
)
def test_a_language_in_which_there_are_no_pages_is_refused_with_those_that_there_are(languages):
    with pytest.raises(SettingsError, match=r"LTI_MCRED_LANGUAGES .*there in: en\.$"):
        Settings.load({**GOOD, "LTI_MCRED_LANGUAGES": languages})


@pytest.mark.parametrize("languages", ["en", "en-GB", "en-US, en"])
def test_english_may_name_its_region(languages):
    assert Settings.load({**GOOD, "LTI_MCRED_LANGUAGES": languages}).languages[0].startswith("en")


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("ENVIRONMENT", "staging", "must be production, development or demo"),
        ("ENVIRONMENT", "", "must be production"),
        ("SECRET_KEY", "(make one with: openssl rand -hex 32)", "openssl rand"),
        ("PUBLIC_URL", "https://tool.example.edu?tenant=1", "must look like"),
        ("PUBLIC_URL", "https://tool.example.edu#x", "must look like"),
        ("PUBLIC_URL", "https://user@tool.example.edu", "must look like"),
        ("PUBLIC_URL", "HTTPS://Tool.example.edu", "in small letters"),
        ("PUBLIC_URL", "https://tool.example.edu:port", "must look like"),
        ("PUBLIC_URL", "https://tool.example.edu ", "must look like"),
        ("LISTEN", "8000", "must be host:port"),
        ("LISTEN", "127.0.0.1:http", "must be host:port"),
        ("LISTEN", "127.0.0.1:70000", "must be host:port"),
        ("LISTEN", "", "must be host:port"),
        ("DATABASE_URL", "sqlite:///", "names no file"),
        ("DATABASE_URL", "sqlite:///:memory:", "names no file"),
        ("DATA_DIR", "", "must not be empty"),
        ("TRUSTED_PROXIES", "10.0.0.0/40", "is not an address or a network"),
        ("ALLOWED_PRIVATE_HOSTS", "moodle.campus.example", "must be host:port pairs"),
        ("ALLOWED_PRIVATE_HOSTS", "https://moodle.campus.example:443", "must be host:port pairs"),
        ("ALLOWED_PRIVATE_HOSTS", "*:443", "must be host:port pairs"),
        ("ALLOWED_PRIVATE_HOSTS", "moodle.campus.example:0", "must be host:port pairs"),
        ("WEB_PROCESSES", "0", "at least 1"),
        ("WEB_THREADS", "-4", "at least 1"),
        ("WEB_THREADS", "1_0", "must be a number"),
        ("WEB_THREADS", "٣", "must be a number"),
        ("WEB_THREADS", "2.5", "must be a whole number"),
        ("WEB_THREADS", "9" * 5000, "must be a number"),
        ("DELIVER_IN_SERVE", "true", "must be auto, yes or no"),
        ("TOOL_NAME", "  ", "must not be empty"),
        ("TOOL_NAME", "Two\nlines", "one line"),
        ("SUPPORT_CONTACT", "the help desk", "must be an e-mail address or a web address"),
        ("SUPPORT_CONTACT", "javascript:alert(1)", "must be an e-mail address or a web address"),
        ("ISSUER_URL", "college.example.edu", "must look like https://college"),
        ("ISSUER_URL", "https://college.example.edu/a b", "must look like https://college"),
        ("TIMEZONE", "America/NewYork", "such as America/New_York, not 'America/NewYork'"),
        ("TIMEZONE", "", "must be the name of a time zone"),
        ("TIMEZONE", "../zoneinfo/UTC", "must be the name of a time zone"),
        ("KEY_DAYS", "-1", "at least 0"),
        ("LOGIN_SECONDS", "0", "at least 1"),
        ("VISIT_IDLE_SECONDS", "90000", "must not be more than LTI_MCRED_VISIT_TOTAL_SECONDS, which is 43200"),
        ("ADMIN_IDLE_SECONDS", "90000", "must not be more than LTI_MCRED_ADMIN_TOTAL_SECONDS"),
        ("REFUSED_LAUNCH_DAYS", "100000000", "at most 36500"),
        ("CLOCK_LEEWAY_SECONDS", "-60", "at least 0"),
        ("HTTP_READ_SECONDS", "nan", "must be a number"),
        ("HTTP_READ_SECONDS", "inf", "must be a number"),
        ("HTTP_CONNECT_SECONDS", "0", "at least 0.1"),
        ("HTTP_MAX_BYTES", "0", "at least 1"),
        ("MAX_UPLOAD_MB", "-5", "at least 1"),
        ("OUTBOX_GIVE_UP_HOURS", "100000000", "at most 8760"),
        ("LIMIT_CHECKS_PER_MINUTE", "-1", "at least 0"),
        ("LOG_FORMAT", "xml", "must be text or json"),
        ("LOG_LEVEL", "LOUD", "must be DEBUG, INFO, WARNING or ERROR"),
    ],
)
def test_what_cannot_work_is_refused_before_it_starts(name, value, cure):
    with pytest.raises(SettingsError) as refused:
        Settings.load({**GOOD, f"LTI_MCRED_{name}": value})
    assert str(refused.value).startswith(f"LTI_MCRED_{name} ")
    assert cure in str(refused.value)


@pytest.mark.parametrize("f", fields(Settings), ids=lambda f: f.name)
def test_every_default_passes_its_own_check(f):
    assert f.metadata["check"](f.default) == ""


def test_a_misspelt_name_in_the_environment_is_refused_and_a_stranger_is_not():
    with pytest.raises(SettingsError, match=r"LTI_MCRED_LANGAUGES is no setting. Write LTI_MCRED_LANGUAGES"):
        Settings.load({**GOOD, "LTI_MCRED_LANGAUGES": "en"})
    assert Settings.load({**GOOD, "LTI_MCRED_SERVICE_PORT": "tcp://10.0.0.1:80"}).languages == ("en",)


def test_private_hosts_are_compared_in_small_letters():
    settings = Settings.load({**GOOD, "LTI_MCRED_ALLOWED_PRIVATE_HOSTS": "Moodle.Campus.example:443"})
    assert settings.allowed_private_hosts == ("moodle.campus.example:443",)


def _toml(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "mcred.toml"
    path.write_text(text, encoding="utf-8")
    return {**GOOD, "LTI_MCRED_CONFIG": str(path)}


def test_the_environment_wins_over_the_file(tmp_path):
    environ = _toml(tmp_path, 'tool_name = "From file"\nweb_threads = 3\ntrusted_proxies = ["10.0.0.0/8"]\n')
    settings = Settings.load({**environ, "LTI_MCRED_TOOL_NAME": "From environment"})
    assert (settings.tool_name, settings.web_threads) == ("From environment", 3)
    assert settings.trusted_proxies == ("10.0.0.0/8",)


def test_an_unknown_setting_in_the_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"'tool_nmae' that does not exist. Write tool_name"):
        Settings.load(_toml(tmp_path, 'tool_nmae = "x"'))


def test_a_wrong_kind_in_the_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match="web_threads must be a whole number, not '8'"):
        Settings.load(_toml(tmp_path, 'web_threads = "8"'))


@pytest.mark.parametrize(
    "line",
    ["web_threads = true", 'tool_name = ["a"]', "languages = [1]", 'languages = "en"', "http_read_seconds = false"],
)
def test_a_kind_that_python_would_take_is_refused_as_well(tmp_path, line):
    with pytest.raises(SettingsError, match=f"{line.split(' ', maxsplit=1)[0]} must be a"):
        Settings.load(_toml(tmp_path, line))


def test_a_file_in_another_encoding_is_named(tmp_path):
    environ = _toml(tmp_path, "")
    Path(environ["LTI_MCRED_CONFIG"]).write_bytes('tool_name = "Caf\xe9"'.encode("latin-1"))
    with pytest.raises(SettingsError, match="not valid TOML"):
        Settings.load(environ)


def test_a_broken_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match="not valid TOML"):
        Settings.load(_toml(tmp_path, "tool_name = "))


def test_a_named_file_that_is_missing_is_an_error():
    with pytest.raises(SettingsError, match="which is not a file"):
        Settings.load({**GOOD, "LTI_MCRED_CONFIG": "/nowhere/at/all.toml"})


def test_every_setting_has_a_meaning_and_hides_the_secret():
    rows = describe()
    assert all(meaning for _name, _default, meaning in rows)
    assert ("LTI_MCRED_SECRET_KEY", "(required in production)") in [(name, default) for name, default, _m in rows]


def test_the_example_file_names_every_setting_with_its_default():
    text = (resource_dir("config") / "lti_mcred.example.toml").read_text(encoding="utf-8")
    uncommented = "\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line)
    table = tomllib.loads(uncommented)
    assert list(table) == [f.name for f in fields(Settings)]
    for f in fields(Settings):
        if f.name != "secret_key":
            assert (tuple(table[f.name]) if isinstance(table[f.name], list) else table[f.name]) == f.default
