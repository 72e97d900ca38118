"""`python -m payments.imp_sandbox`: the same as `manage.py imp_sandbox`, started in a moment, without Django."""

import argparse
import logging

from payments.imp_sandbox.process import Options, add_arguments, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="imp_sandbox", description=__doc__)
    add_arguments(parser, Options())
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    run(Options(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
