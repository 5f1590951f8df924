"""What a holder gets to see and keep: QR symbols and the certificate's PDF.

Everything here renders a token that exists already; nothing is decided, signed or stored, and no module reads
the database, the clock or a setting.
"""
