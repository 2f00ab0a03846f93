"""References that hold the measurements to account: closed forms, laws and asymptotics."""
