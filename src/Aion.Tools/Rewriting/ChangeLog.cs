using System.Text;
using Aion.Model;

namespace Aion.Tools;

/// <summary>What a rewrite does to series, a line each. Not thread-safe.</summary>
/// <param name="file">Gets the lines; null = no file.</param>
/// <param name="also">Told of each line.</param>
internal sealed class ChangeLog(TextWriter? file, Action<string>? also) : IDisposable
{
    /// <param name="intervals">Closed; what is gone of the series.</param>
    public void Deleted(Labels labels, IEnumerable<TimeRange> intervals)
    {
        StringBuilder line = new StringBuilder("Deleted ").Append(labels).Append(" [");
        line.AppendJoin(' ', intervals.Select(i => $"{{{i.MinMs} {i.MaxMs}}}")).Append(']');
        Write(line.ToString());
    }

    public void Relabelled(Labels before, Labels after) => Write($"Relabelled {before} {after}");

    public void Dispose() => file?.Dispose();

    private void Write(string line)
    {
        file?.Write(line + "\n");
        also?.Invoke(line);
    }
}
