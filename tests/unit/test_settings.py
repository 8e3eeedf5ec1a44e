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
    with pytest.raises(SettingsError, match="'tool_nmae' that does not exist"):
        Settings.load(_toml(tmp_path, 'tool_nmae = "x"'))


def test_a_wrong_kind_in_the_file_is_named(tmp_path):
    with pytest.raises(SettingsError, match="web_threads must be int"):
        Settings.load(_toml(tmp_path, 'web_threads = "8"'))


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
