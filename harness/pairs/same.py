# Whether two programs have the same syntax tree: comments, blanks and brackets
# are not in it. None: one of them nests too deep to say.

import ast
import warnings

warnings.simplefilter("ignore")


def same(rejected, chosen):
    try:
        return ast.dump(ast.parse(rejected)) == ast.dump(ast.parse(chosen))
    except SyntaxError:
        return False
    except (ValueError, MemoryError, RecursionError):
        return None
