"""Which passwords are taken: long ones, and none that is tried first (NIST SP 800-63B, 5.1.1.2).

Nothing is asked of their letters: such rules make passwords that are hard to keep, not to guess.
"""

from functions.kit.contract.errors import Flaw, refused

SHORTEST = 10
LONGEST = 1000
# Those of ten letters and more that leaked most often; shorter ones are refused anyway.
_WORDS = """
0123456789 0987654321 1029384756 1111111111 1122334455 1212121212 123123123123 1234512345
1234554321 1234567890 12345678900 12345678901 123456789012 1234567891 12345678910 123456789a
123456789q 1234567899 123456789123 123qweasdzxc 147258369a 1a2b3c4d5e 1q2w3e4r5t
1q2w3e4r5t6y 1qaz2wsx3edc 1qazxsw23edc 2222222222 5555555555 7777777777 9876543210
9999999999 aaaaaaaaaa abcdefghij abc123456789 administrator alexander1 asdfasdfasdf
asdfghjkl1 asdfghjkl; basketball changeme123 changemenow chocolate1 christopher computer123
football12 iloveyou12 iloveyou123 iloveyou1234 letmein123 liverpool1 manchester mypassword
mypassword1 passw0rd123 password00 password01 password10 password11 password12 password123
password123! password1234 password12345 password21 password22 password99 passwordpassword
q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc1 qazwsxedcrfv qqqqqqqqqq qwe123qwe123 qwer1234qwer
qwertasdfg qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1
qwertyuiop123 qwertyuiop[] sunshine123 superman123 trustno1trustno1 welcome123 welcome1234
zaq12wsxcde zxcvbnm123 zzzzzzzzzz
"""
COMMONEST = frozenset(_WORDS.split())


def check_password(password: str, email: str) -> None:
    """Refuse what is too short, or is tried first.

    Args:
        password: any text.
        email: the account's, which is no secret.

    Raises:
        Invalid: that tells the rule, and never the password.
    """
    reason = _fault(password, email)
    if reason:
        raise refused("The password was refused", Flaw(reason, column="password"), noun="field")


def _fault(password: str, email: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        return f"Expected {SHORTEST} to {LONGEST:,} characters"
    lower = password.lower()
    if lower in COMMONEST:
        return "It is one of those that are tried first; take another"
    if email and lower in {email.lower(), email.lower().partition("@")[0]}:
        return "It is your e-mail address; take another"
    if len(set(lower)) == 1:
        return "It is one character over and over; take another"
    return ""
