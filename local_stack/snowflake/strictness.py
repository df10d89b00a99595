"""placeholder"""


def check_statement(expression, sql, **kw):
    return None
