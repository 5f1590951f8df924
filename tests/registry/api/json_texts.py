"""Texts that are JSON, that are none, and that RFC 8259 leaves to whoever reads them; each with what is right here.

Our own list, in the order of the grammar's sections.
"""

from typing import Final

# Sections 2 to 7: not by the grammar, or not in UTF-8 (8.1), or one name twice (I-JSON, RFC 7493 2.3).
NONE: Final[tuple[bytes, ...]] = (
    b"", b" ", b"\n", b"\t\r\n ", b"\0", b"{", b"}", b"[", b"]", b"{]", b"[}", b"[[]", b"{}}", b"[]]",
    b"{}{}", b"[][]",
    b"{} {}", b"{},", b",{}", b"{}x", b"x{}", b"{}\0", b"\0{}", b"{}#", b"{}//", b"/**/{}", b"{/**/}",
    b"{}/**/",
    b"{}<!-- -->", b"\x0b{}", b"\x0c{}", b"\xc2\xa0{}", b"\xe3\x80\x80{}", b"\xe2\x81\xa0{}", b"\xe2\x80\xa8{}",
    b"nul", b"nulll", b"Null", b"NULL", b"None", b"undefined", b"tru", b"True", b"TRUE", b"fals",
    b"False", b"yes",
    b"NaN", b"-NaN", b"Infinity", b"-Infinity", b"inf", b"nan", b"[NaN]", b'{"a": NaN}', b'{"a": Infinity}',
    b'{"a": -Infinity}', b"+1", b"-", b"--1", b"- 1", b"01", b"-01", b"00", b"1.", b".1", b"-.1", b"1.e1",
    b"1e", b"1e+",
    b"1e-", b"1E", b"1ee1", b"1e1.5", b"1.1.1", b"0x1", b"0b1", b"0o7", b"1_000", b"1,000", b"1f", b"1L",
    b"1n", b"1 2",
    b"[1 2]", b"[1,]", b"[,1]", b"[,]", b"[1,,2]", b"[1;2]", b"[1:2]", b"(1)", b"[1", b"1]", b'["a"',
    b'["a', b'["',
    b'"', b'"a', b'a"', b"'a'", b'"\'', b"`a`", b'"""a"""', b'"a" "b"', b'"a"b', b'u"a"', b'b"a"',
    b'"\\"', b'"\\x41"',
    b'"\\a"', b'"\\0"', b'"\\v"', b'"\\u"', b'"\\u1"', b'"\\u12"', b'"\\u123"', b'"\\u123g"', b'"\\U00000041"',
    b'"\\u{41}"', b'"\\u+041"', b'"\\u 041"', b'"\\', b'"\\u00', b'"\0"', b'"\x01"', b'"\x1f"', b'"\n"',
    b'"\r"', b'"\t"',
    b'{"a"}', b'{"a":}', b'{"a":1,}', b'{,"a":1}', b'{"a":1,,"b":2}', b'{"a" 1}', b'{"a":1 "b":2}', b'{"a"=1}',
    b'{"a":1;"b":2}', b"{a:1}", b"{'a':1}", b"{1:1}", b"{null:1}", b"{[]:1}", b"{:1}", b'{"a"::1}',
    b'{"a":1:2}',
    b'{"a":"b"', b'{"a":', b'{"a"', b'{"a', b'{"', b'{"a":1}}', b'[{"a":1]}', b"{...}", b'{...{"a":1}}',
    b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"a":1,"\\u0061":2}', b'{"reason":"x","reason":"y"}',
    b'{"a":{"b":1,"b":2}}',
    b'[{"b":1,"b":2}]', b'{"":1,"":2}', b'{"a":1,"b":2,"a":3}',
    b"\xef\xbb\xbf{}", b"\xef\xbb\xbf", b"\xef\xbb{}", b"\xff\xfe{\0}\0", b"\xfe\xff\0{\0}", b"{\0}\0",
    b"\0{\0}",
    b"{\0\0\0}\0\0\0", b"\0\0\0{\0\0\0}", b"\xff\xfe\0\0{\0\0\0}\0\0\0", b"+ADw-{}", b"\x80", b"\xff",
    b'"\x80"', b'"\xc0\x80"',
    b'"\xc1\xbf"', b'"\xe0\x80\x80"', b'"\xe0\x9f\xbf"', b'"\xf0\x80\x80\x80"', b'"\xed\xa0\x80"',
    b'"\xed\xbf\xbf"',
    b'"\xed\xa0\x80\xed\xb0\x80"', b'"\xf4\x90\x80\x80"', b'"\xf5\x80\x80\x80"', b'"\xe4\xb8"', b'"\xe4"',
    b'"\xb5\xc4"',
    b'{"\xff":1}', b'"\xc3\x28"', b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"a":' * 100_000, b"[{" * 50_000, b"9" * 5000, b"-" + b"9" * 100_000, b'{"a":' + b"9" * 100_000 + b"}",
    b"<?xml version='1.0'?><a/>", b"%7B%7D", b"a=1&b=2", b"--x\r\n\r\n--x--", b"PK\x03\x04",
    b"\x1f\x8b\x08\0", b"%PDF-1.4",
)  # fmt: skip

# By the grammar, and read as what they say: nobody asks for any of it here.
NOT_ASKED_FOR: Final[tuple[bytes, ...]] = (
    b"null", b"true", b"false", b"0", b"-0", b"1", b"-1", b"0.0", b"1.5", b"1e1", b"1E+2", b"1e-2",
    b"0e0", b"1e400",
    b"-1e400", b"1e-400", b"9007199254740993", b"18446744073709551616", b"9" * 400, b"0." + b"1" * 1000,
    b'""', b'"a"',
    b'"\\u0000"', b'"\\ud800"', b'"\\udc00"', b'"\\ud800\\ud800"', b'"\\udc00\\ud800"',
    b'"\\ud83d\\ude00"', b'"\\/"',
    b'"\xc2\x80"', b'"\xef\xbf\xbf"', b'"\xf4\x8f\xbf\xbf"', b'"\xe2\x80\xa8"', b'"\x7f"', b"[]",
    b"[null]", b"[1]", b"[[]]",
    b"[{}]", b'["a"]', b" [] ", b"[1,2,3]", b"[" + b"[]," * 1000 + b"[]]", b"[" * 500 + b"]" * 500,
    b'{"":0}', b'{"a":1}',
    b'{"\\u0000":1}', b'{"\\ud800":1}', b'{"a":null}', b'{"a":{"a":{"a":1}}}', b'{"__proto__":1}',
    b'{"constructor":1}',
    b'{"$ref":"#"}', b'{"reason":null,"x":1}', b'{"REASON":"a"}', b'{"rea\\u0073on":"\\ud800","x":1}',
    b'{"A":1,"a":1}',
    b'{"\xc3\xa9":1,"e\xcc\x81":1}', b'{"a":1e400}', b'{"a":' + b"[" * 400 + b"]" * 400 + b"}",
)  # fmt: skip
