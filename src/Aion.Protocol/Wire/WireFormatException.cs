using System.Globalization;

namespace Aion.Protocol;

/// <summary>Bytes from a peer are no valid message; says what and where.</summary>
public sealed class WireFormatException : FormatException
{
    public WireFormatException(string problem, int offset)
        : base(string.Create(CultureInfo.InvariantCulture, $"{problem} at offset {offset}"))
    {
        Problem = problem;
        Offset = offset;
    }

    public string Problem { get; }

    public int Offset { get; }
}
