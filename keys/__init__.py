"""Who may sign: custody of private keys, epochs, ceremonies, the signer.

The package's rooms: ``store`` and ``key_file`` (private keys at rest, sealed by ``sealing``, written by
``durable_files``), ``hsm`` (private keys that stay in a token), ``store_place`` (which of the two it is),
``roots`` (the keys that every verifier pins), ``custodians`` (who sign the names and the roster), ``epochs``
(new keys for the register, and the list of all), ``trust_changes`` (drafts of a new trust bundle),
``succession`` and ``trust_bundle`` (when a new version may be published, and writing it), ``distribution`` (the
metadata around what is published), ``trust_home`` (where the current version is kept), ``honest_list`` (what a
distrusted key still vouches for), ``roster`` (whose decisions the signer counts), ``status_file`` (signing the
status), ``holder_key`` (keys of bodies, reviewers and registrars), ``signer`` (what the register signs
certificates with).

Other packages get signers, never private keys. Nothing here knows the database.
"""
