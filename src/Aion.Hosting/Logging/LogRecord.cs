using System.Collections;

namespace Aion.Hosting;

/// <summary>State of one structured line. Other log providers see it as a list of pairs that starts with the message.</summary>
/// <param name="Message">May be null: then the line has only its fields.</param>
/// <param name="File">Path of the calling source file; the line shows its last part.</param>
internal readonly record struct LogRecord(string? Message, (string Key, object? Value)[] Fields, string File, int Line)
    : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => Fields.Length + 1;

    public KeyValuePair<string, object?> this[int index] =>
        index == 0 ? new("msg", Message) : new(Fields[index - 1].Key, Fields[index - 1].Value);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() =>
        string.Join(' ', this.Where(pair => pair.Value is not null || pair.Key != "msg").Select(pair => $"{pair.Key}={pair.Value}"));
}
