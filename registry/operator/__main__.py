"""``python -m registry.operator``: the command ``certreg``, where no script of that name is at hand."""

from registry.operator.command import main

if __name__ == "__main__":
    main()
