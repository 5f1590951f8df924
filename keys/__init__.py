"""Who may sign: custody of private keys, epochs, ceremonies, the signer.

The package's rooms: ``store`` and ``key_file`` (private keys at rest, sealed by ``sealing``), ``roots`` (the
keys that every verifier pins), ``epochs`` (what may change in the trust bundle), ``succession`` and
``trust_bundle`` (when a new version may be published, and writing it), ``trust_home`` (where the current
version lies), ``holder_key`` (keys of bodies and reviewers), ``signer`` (what the register gets to sign
certificates with).

It refuses to give a private key out: other packages get signers, never keys. It knows nothing of the
database.
"""
