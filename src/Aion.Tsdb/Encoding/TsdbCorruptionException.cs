using System.Diagnostics.CodeAnalysis;

namespace Aion.Tsdb;

/// <summary>Stored bytes do not hold what their format promises.</summary>
/// <param name="path">File or object; empty where only the bytes are known, then whoever knows the file adds it with <see
/// cref="In"/>.</param>
/// <param name="offset">Byte position of the damage, from the start of <paramref name="path"/> or of the bytes given.</param>
public sealed class TsdbCorruptionException(string path, long offset, string reason, Exception? inner = null)
    : Exception(path.Length == 0 ? $"byte {offset}: {reason}" : $"{path}: byte {offset}: {reason}", inner)
{
    public string Path { get; } = path;

    public long Offset { get; } = offset;

    public string Reason { get; } = reason;

    /// <summary>The same damage as seen from the file that the bytes were cut from.</summary>
    public TsdbCorruptionException In(string path, long baseOffset) => new(path, baseOffset + Offset, Reason, this);

    [DoesNotReturn]
    internal static void Throw(long offset, string reason) => throw new TsdbCorruptionException("", offset, reason);
}
