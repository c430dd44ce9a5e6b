"""Files that open with a password: with the one Excel uses when it only protects a workbook, then with the one given."""
from __future__ import annotations

import io

from .refusal import Refusal, damaged, locked

_DEFAULT = "VelvetSweatshop"  # Excel and WPS open these without asking


def decrypt(data: bytes, password: str | None) -> bytes:
    """The file without its encryption."""
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError
    wrong = 0
    for attempt in dict.fromkeys((_DEFAULT, password or _DEFAULT)):
        opened = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            # Without the check a wrong password of an .xlsx gives noise; the older formats always check.
            file.load_key(password=attempt, **({"verify_password": True} if file.format == "ooxml" else {}))
            file.decrypt(opened)
            return opened.getvalue()
        except InvalidKeyError:
            wrong += 1
        except (DecryptionError, FileFormatError, ParseError) as error:
            if "password" in str(error).lower() or "key" in str(error).lower():
                wrong += 1
                continue
            raise Refusal(damaged("加密部分读不出", expected="文件已损坏，或用了不认识的加密方法")) from error
        except MemoryError:
            raise
        except Exception as error:  # what its parsers run into on broken headers
            raise Refusal(damaged("加密部分读不出", expected="文件已损坏，或用了不认识的加密方法")) from error
    raise Refusal(locked(tried=bool(password)))
