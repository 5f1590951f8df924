"""Keys that never leave an HSM: PKCS#11 v2.40 and 3.0, made by the token itself, used by a PIN.

``place`` says where (module, token, PIN file); ``pin`` reads the PIN; ``session`` is this process's one login,
``turn`` the order in which processes open a token;
``faults`` says in our words what a module refuses; ``key_objects`` knows the attributes of a key of ours;
``hsm_key`` signs with one; ``store`` makes, lists and opens them, as ``keys.store`` does with sealed files.

The word *token* here means what PKCS#11 calls so, the thing that holds the keys, and never a certificate.
All rooms but ``place``, ``pin`` and ``turn`` need python-pkcs11 (the extra ``hsm``), so nothing outside imports them
before an HSM is wanted: ``keys.store_place`` does.
"""
