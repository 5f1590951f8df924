from pathlib import Path

import pytest

from registry.settings import KeyBackend, SettingsError, load_settings

WRONG = {
    "CERTREG_DATABASE_URL": "",
    "CERTREG_PUBLIC_DIR": "",
    "CERTREG_KEYS_DIR": ".",
    "CERTREG_ROOT_FILE": "",
    "CERTREG_KEY_STORE": "hsm",
    "CERTREG_PKCS11_MODULE": "",
    "CERTREG_PKCS11_TOKEN": "",
    "CERTREG_PKCS11_PIN_FILE": "",
    "CERTREG_ENVIRONMENT": "Production!",
    "CERTREG_QR_PREFIX": "HTTPS://DTE.EXAMPLE/V#",
    "CERTREG_STATUS_MAX_AGE_DAYS": "366",
    "CERTREG_STATUS_NOTE_AGE_DAYS": "0",
    "CERTREG_WITNESS_DIR": "",
    "CERTREG_WITNESSES": "witness.example",
    "CERTREG_STAFF_HOSTS": "https://register.example",
    "CERTREG_API_REQUESTS_PER_MINUTE": "0",
    "CERTREG_LOCK_TIMEOUT_SECONDS": "soon",
    "CERTREG_STATEMENT_TIMEOUT_SECONDS": "0",
    "CERTREG_IDLE_TIMEOUT_SECONDS": "nan",
}


def test_an_empty_environment_gives_the_embedded_register():
    settings = load_settings({})

    assert settings.database_url == "sqlite:///var/register.sqlite3"
    assert settings.public_dir == Path("var/public")
    assert settings.environment == "production"
    assert settings.root_file == Path("var/trusted-root.json")


def test_what_is_set_is_taken():
    settings = load_settings(
        {
            "CERTREG_DATABASE_URL": "postgresql://register@db/register",
            "CERTREG_ENVIRONMENT": "demo",
            "CERTREG_ROOT_FILE": "var/demo/trusted-root.json",
            "CERTREG_QR_PREFIX": "http://127.0.0.1:8001/v#",
            "CERTREG_LOCK_TIMEOUT_SECONDS": "2.5",
        }
    )

    assert settings.database_url == "postgresql://register@db/register"
    assert settings.environment == "demo"
    assert settings.root_file == Path("var/demo/trusted-root.json")
    assert settings.qr_prefix == "http://127.0.0.1:8001/v#"
    assert settings.limits.lock_seconds == 2.5


def test_only_the_environment_that_is_passed_in_is_read(monkeypatch):
    monkeypatch.setenv("CERTREG_ENVIRONMENT", "test")

    assert load_settings({}).environment == "production"


@pytest.mark.parametrize(("variable", "value"), WRONG.items(), ids=WRONG.keys())
def test_a_wrong_value_is_refused_by_the_variables_name(variable, value):
    with pytest.raises(SettingsError, match=variable) as refused:
        load_settings({variable: value})

    assert list(refused.value.faults) == [variable]


def test_all_faults_are_told_at_once():
    with pytest.raises(SettingsError) as refused:
        load_settings(WRONG)

    assert set(refused.value.faults) == set(WRONG)


def test_a_refusal_does_not_repeat_what_may_be_a_secret():
    with pytest.raises(SettingsError) as refused:
        load_settings({"CERTREG_ENVIRONMENT": "P4ssword!", "CERTREG_LOCK_TIMEOUT_SECONDS": "P4ssword!"})

    assert "P4ssword!" not in str(refused.value)


def test_keys_in_a_token_need_its_module_named():
    chosen = {"CERTREG_KEY_STORE": "pkcs11", "CERTREG_PKCS11_MODULE": "/usr/lib/module.so"}

    assert load_settings(chosen).key_store is KeyBackend.PKCS11
    with pytest.raises(SettingsError, match="CERTREG_PKCS11_MODULE"):
        load_settings({"CERTREG_KEY_STORE": "pkcs11"})


def test_a_setting_without_a_default_is_not_told():
    assert "CERTREG_PKCS11_MODULE" not in load_settings({}).to_environ()


@pytest.mark.parametrize(
    "urls",
    ["https://a.example,", "https://a.example https://b.example", "ftp://a.example", "https://a.example?q",
     "https://u:p@a.example", "https://a.example:99999", "https://a.example,https://a.example"],
)  # fmt: skip
def test_witnesses_are_urls(urls):
    with pytest.raises(SettingsError, match="CERTREG_WITNESSES"):
        load_settings({"CERTREG_WITNESSES": urls})


def test_several_witnesses_are_parted_by_commas():
    settings = load_settings({"CERTREG_WITNESSES": "https://a.example/w1,http://127.0.0.1:8002"})

    assert settings.witnesses == ("https://a.example/w1", "http://127.0.0.1:8002")
    assert load_settings(settings.to_environ()) == settings
    assert load_settings({"CERTREG_WITNESSES": ""}).witnesses == ()


def test_a_started_process_gets_the_same_settings():
    settings = load_settings({"CERTREG_ENVIRONMENT": "demo", "CERTREG_LOCK_TIMEOUT_SECONDS": "2.5"})

    assert load_settings(settings.to_environ()) == settings


def test_a_started_process_asks_the_same_witnesses():
    named = "https://one.example/w,https://two.example/w"
    settings = load_settings({"CERTREG_WITNESSES": named})

    assert settings.to_environ()["CERTREG_WITNESSES"] == named
    assert load_settings(settings.to_environ()) == settings
    assert "CERTREG_WITNESSES" not in load_settings({}).to_environ()


def test_the_public_side_is_told_of_no_key_but_the_look_ups():
    told = load_settings({"CERTREG_KEYS_DIR": "keys-here"}).for_public_side()

    assert set(told) == {
        "CERTREG_DATABASE_URL",
        "CERTREG_LOOKUP_KEY_FILE",
        "CERTREG_PUBLIC_DIR",
        "CERTREG_ROOT_FILE",
        "CERTREG_STATUS_MAX_AGE_DAYS",
        "CERTREG_STATUS_NOTE_AGE_DAYS",
    }


@pytest.mark.parametrize(
    "hosts", ["a.example:443", "A.example", "*.example", "a.example,", "-a.example", "a" * 254]
)
def test_staff_hosts_are_names(hosts):
    with pytest.raises(SettingsError, match="CERTREG_STAFF_HOSTS"):
        load_settings({"CERTREG_STAFF_HOSTS": hosts})


def test_several_staff_hosts_are_parted_by_commas():
    settings = load_settings({"CERTREG_STAFF_HOSTS": "register.example,register2.example"})

    assert settings.staff_hosts == ("register.example", "register2.example")
    assert load_settings(settings.to_environ()) == settings
    assert load_settings({}).staff_hosts == ()


def test_the_settings_of_the_client_may_stand_beside_the_registers():
    assert load_settings({"CERTREG_CLIENT_URL": "https://register.example"}) == load_settings({})
