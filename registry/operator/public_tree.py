def _put(public_dir: Path, name: str, data: bytes) -> None:
    try:
        write_public_file(public_dir, name, data)
    except OSError as fault:
        raise NotPublished(public_dir / name, fault) from fault
