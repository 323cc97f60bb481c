using System.Globalization;

namespace Aion.Testing;

/// <summary>
/// An object whose server sends a part of what is asked for, some times, and then breaks off or says nothing more; ranges are honoured, and
/// an answer that must be of another version is refused.
/// </summary>
/// <param name="partBytes">So much arrives each time.</param>
/// <param name="failures">After so many broken answers a whole one comes.</param>
public sealed class BrokenBody(int length, int partBytes, int failures, bool stalls)
{
    public const string Tag = "0123456789abcdef0123456789abcdef";
    private int _answers;

    public byte[] Content { get; } = [.. Enumerable.Range(0, length).Select(i => PatternStream.At(i))];

    /// <summary>Headers of every answer.</summary>
    public Dictionary<string, string> Headers { get; init; } = new() { ["ETag"] = Tag };

    public StubAnswer Answer(StubRequest request)
    {
        if (request.Header("If-Match") is { Length: > 0 } tag && !tag.Contains(Tag, StringComparison.Ordinal)) return new StubAnswer(412);
        int from = 0, end = length;
        if (request.Header("Range") is { Length: > 0 } range)
        {
            string[] ends = range["bytes=".Length..].Split('-');
            from = int.Parse(ends[0], CultureInfo.InvariantCulture);
            if (ends[1].Length > 0) end = (int)Math.Min(length, long.Parse(ends[1], CultureInfo.InvariantCulture) + 1);
        }

        bool broken = Interlocked.Increment(ref _answers) <= failures;
        return new StubAnswer(end - from == length ? 200 : 206, CutAfter: broken ? Math.Min(partBytes, end - from) : -1)
        {
            Bytes = Content[from..end],
            Headers = new Dictionary<string, string>(Headers),
            Stalls = broken && stalls,
        };
    }
}
