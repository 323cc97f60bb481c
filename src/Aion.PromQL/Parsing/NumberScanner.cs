namespace Aion.PromQL;

/// <summary>
/// Finds the end of a number or duration. Wider than the grammar of numbers: what it lets through wrongly fails when the value is read.
/// After a failure <see cref="Position"/> tells how much text the message shows.
/// </summary>
internal ref struct NumberScanner(ReadOnlySpan<byte> text, int start)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _position = start;

    public readonly int Position => _position;

    private readonly bool AtEnd => _position >= _text.Length;

    public bool TryNumber()
    {
        bool hex = Accept("0"u8) && Accept("xX"u8);
        ReadOnlySpan<byte> digits = hex ? "0123456789abcdefABCDEF"u8 : "0123456789"u8;
        if (hex) Accept("_"u8);
        Accept("."u8);
        Accept(digits);
        bool dotSeen = false, exponentSeen = false;
        while (!AtEnd)
        {
            byte next = _text[_position];
            if (next == '.')
            {
                _position++;
                if (dotSeen) return false;
                dotSeen = true;
                if (Accept("_."u8) || hex) return false;
            }
            else if (next is (byte)'e' or (byte)'E')
            {
                _position++;
                if (exponentSeen) return false;
                exponentSeen = true;
                Accept("+-"u8);
                if (Accept("._eE"u8) || AtEnd) return false;
            }
            else if (next == '_')
            {
                _position++;
                if (Accept("._eE"u8) || AtEnd) return false;
            }
            else if (digits.Contains(next)) _position++;
            else break;
        }

        return AtEnd || !IsAlphanumeric(_text[_position]);
    }

    /// <summary>Goes on where <see cref="TryNumber"/> stopped, which is at the first unit of a duration.</summary>
    public bool TryRestOfDuration()
    {
        if (!Accept("smhdwy"u8)) return false;
        Accept("s"u8);
        while (AcceptDigits())
        {
            if (!Accept("smhdw"u8)) return false;
            Accept("s"u8);
        }

        if (AtEnd) return true;
        GoRunes.Decode(_text, _position, out int width);
        if (!IsAlphanumeric(_text[_position])) return true;
        _position += width;
        return false;
    }

    private static bool IsAlphanumeric(byte c) => c == '_' || char.IsAsciiLetterOrDigit((char)c);

    private bool Accept(ReadOnlySpan<byte> set)
    {
        if (AtEnd || !set.Contains(_text[_position])) return false;
        _position++;
        return true;
    }

    private bool AcceptDigits()
    {
        int before = _position;
        while (!AtEnd && char.IsAsciiDigit((char)_text[_position])) _position++;
        return _position > before;
    }
}
