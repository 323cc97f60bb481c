using System.Globalization;

namespace Aion.PromQL;

/// <summary>The parts that the values of a series description are made of.</summary>
internal struct SequenceScanner(byte[] text, int position)
{
    private readonly byte[] _text = text;

    public int Position { get; private set; } = position;

    public readonly bool AtBlankOrEnd => Position >= _text.Length || IsBlank(_text[Position]);

    public readonly bool AtSign => Position < _text.Length && _text[Position] is (byte)'+' or (byte)'-';

    private readonly ReadOnlySpan<byte> Rest => _text.AsSpan(Position);

    public static PromQLParseException Fail(byte[] text, int position, string message) => new(
        $"{TextPosition.Of(text, position)}: parse error: {message}", [new ParseError(message, new PositionRange(position, position))]);

    public readonly PromQLParseException Fail(string message) => Fail(_text, Position, message);

    public readonly PromQLParseException Unexpected(string context, string expected)
    {
        int rune = GoRunes.Decode(_text, Position, out _);
        string found = rune == GoRunes.End ? "end of input" : GoRunes.Quote(rune);
        return Fail($"unexpected {found} in {context}, expected {expected}");
    }

    /// <summary>Skips blanks; false at the end of the text.</summary>
    public bool SkipBlanksToItem()
    {
        while (Position < _text.Length && IsBlank(_text[Position])) Position++;
        return Position < _text.Length;
    }

    public bool Accept(ReadOnlySpan<byte> symbol)
    {
        if (!Rest.StartsWith(symbol)) return false;
        Position += symbol.Length;
        return true;
    }

    /// <summary>Takes a word that is followed by no other letter, save the <c>x</c> of a repetition.</summary>
    public bool AcceptWord(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> after = Rest.StartsWith(word) ? Rest[word.Length..] : [];
        if (!Rest.StartsWith(word) || (!after.IsEmpty && after[0] != 'x' && char.IsAsciiLetterOrDigit((char)after[0]))) return false;
        Position += word.Length;
        return true;
    }

    /// <summary>Takes the sign that is next; true for a minus.</summary>
    public bool AcceptSign() => _text[Position++] == '-';

    /// <summary>Letters and underscores, in lower case.</summary>
    public string ReadWord()
    {
        int start = Position;
        while (Position < _text.Length && (_text[Position] == '_' || char.IsAsciiLetter((char)_text[Position]))) Position++;
        return System.Text.Encoding.ASCII.GetString(_text, start, Position - start).ToLowerInvariant();
    }

    /// <summary>The n of <c>xn</c>; null if no x is next.</summary>
    public int? ReadRepetition()
    {
        if (!Accept("x"u8)) return null;
        int start = Position;
        while (Position < _text.Length && char.IsAsciiDigit((char)_text[Position])) Position++;
        ReadOnlySpan<byte> digits = _text.AsSpan(start, Position - start);
        if (digits.IsEmpty) throw Unexpected("series values", "a number of repetitions");
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count > SeriesDescriptionParser.MaxValues)
            throw Fail(_text, start, $"invalid repetition in series values: {System.Text.Encoding.ASCII.GetString(digits)}, the most is {SeriesDescriptionParser.MaxValues}");
        return count;
    }

    /// <summary>A decimal number, <c>Inf</c> or <c>NaN</c>, with an optional sign.</summary>
    public double ReadSignedNumber(bool allowPlus)
    {
        bool negative = Accept("-"u8);
        if (!negative && allowPlus) Accept("+"u8);
        int start = Position;
        if (Position < _text.Length && char.IsAsciiLetter((char)_text[Position]))
        {
            // The x of a repetition follows without a blank.
            if (Position + 3 <= _text.Length) Position += 3;
        }
        else SkipDigits();
        ReadOnlySpan<byte> number = _text.AsSpan(start, Position - start);
        double value = NumberReader.ReadNumber(number, out string? error);
        if (number.IsEmpty || error is not null)
        {
            Position = start;
            throw number.IsEmpty || char.IsAsciiLetter((char)number[0]) ? Unexpected("series values", "number or \"stale\"") : Fail(error!);
        }

        return negative ? -value : value;
    }

    /// <summary>A whole number with an optional minus, within 32 bits.</summary>
    public int ReadInteger(string key)
    {
        int start = Position;
        Accept("-"u8);
        while (Position < _text.Length && char.IsAsciiDigit((char)_text[Position])) Position++;
        if (int.TryParse(_text.AsSpan(start, Position - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)) return value;
        throw Fail(_text, start, $"error parsing {key} number");
    }

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    private void SkipDigits()
    {
        var exponent = false;
        for (; Position < _text.Length; Position++)
        {
            byte c = _text[Position];
            bool digit = char.IsAsciiDigit((char)c) || c is (byte)'.' or (byte)'_';
            bool isExponent = c is (byte)'e' or (byte)'E';
            if (!digit && !isExponent && !(exponent && c is (byte)'+' or (byte)'-')) break;
            exponent = isExponent;
        }
    }
}
