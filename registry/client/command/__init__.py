"""``certreg-client``: the command of a body's clerk. Chinese, because he is asked and told in it."""
