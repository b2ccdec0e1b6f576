"""`python -m symkernel`: the command line."""

if __name__ == "__main__":
    from symkernel.cli import main

    raise SystemExit(main())
