"""Who may sign: custody of private keys, epochs, ceremonies, the signer.

The package's rooms: ``store`` and ``key_file`` (private keys at rest, sealed by ``sealing``, written by
``durable_files``), ``medium``, ``roots`` and ``custodians`` (the keys that people carry away), ``epochs`` (new keys
for the register, and the list of all), ``trust_changes`` (drafts of a new trust bundle), ``succession``,
``signed_file`` and ``trust_bundle`` (when a new version may be published, and writing it), ``distribution`` (the
metadata around the public files), ``trust_home``, ``kept_trust`` and ``file_set`` (where all of it is kept between
ceremonies), ``status_file`` (signing the status), ``holder_key`` (keys of bodies and reviewers), ``signer`` (what the
register signs certificates with).

Other packages get signers, never private keys. Nothing here knows the database.
"""
