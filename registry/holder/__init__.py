"""What a holder gets, and what his body sees of it: token, QR, PDF and proof, all made from the same signed bytes."""
