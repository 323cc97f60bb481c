using System.Text;

namespace Aion.PromQL;

/// <summary>By value; NaN comes last whichever the direction. One-step rows of floats.</summary>
internal sealed class ValueOrder(bool descending) : IComparer<Row>
{
    public int Compare(Row? x, Row? y)
    {
        double a = x!.Values[0], b = y!.Values[0];
        if (double.IsNaN(a) || double.IsNaN(b)) return double.IsNaN(a).CompareTo(double.IsNaN(b));
        return descending ? b.CompareTo(a) : a.CompareTo(b);
    }
}

/// <summary>By the values of labels in natural order, then by all labels.</summary>
internal sealed class LabelOrder(string[] labels, bool descending) : IComparer<Row>
{
    private readonly byte[][] _labels = [.. labels.Select(Encoding.UTF8.GetBytes)];

    public int Compare(Row? x, Row? y)
    {
        int order = 0;
        foreach (byte[] label in _labels)
        {
            order = NaturalOrder.Compare(x!.Labels.ValueOf(label), y!.Labels.ValueOf(label));
            if (order != 0) break;
        }

        if (order == 0) order = x!.Labels.CompareTo(y!.Labels);
        return descending ? -order : order;
    }
}

/// <summary>Text order in which runs of digits compare as numbers: <c>cpu2</c> before <c>cpu10</c>.</summary>
internal static class NaturalOrder
{
    public static int Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        while (!a.IsEmpty && !b.IsEmpty)
        {
            if (IsDigit(a[0]) && IsDigit(b[0]))
            {
                int digitsA = DigitRun(a), digitsB = DigitRun(b);
                ReadOnlySpan<byte> numberA = a[..digitsA].TrimStart((byte)'0'), numberB = b[..digitsB].TrimStart((byte)'0');
                int order = numberA.Length != numberB.Length ? numberA.Length.CompareTo(numberB.Length) : numberA.SequenceCompareTo(numberB);
                if (order == 0) order = digitsB.CompareTo(digitsA);
                if (order != 0) return order;
                a = a[digitsA..];
                b = b[digitsB..];
                continue;
            }

            if (a[0] != b[0]) return a[0].CompareTo(b[0]);
            a = a[1..];
            b = b[1..];
        }

        return a.Length.CompareTo(b.Length);
    }

    private static bool IsDigit(byte character) => character is >= (byte)'0' and <= (byte)'9';

    private static int DigitRun(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (length < text.Length && IsDigit(text[length])) length++;
        return length;
    }
}
