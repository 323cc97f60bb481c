using System.Buffers.Text;

namespace Aion.Hosting;

/// <summary>A stretch of this process's memory that shows a file of the program: its libraries and assemblies.</summary>
/// <param name="Start">Address of the first byte.</param>
/// <param name="End">Address after the last byte.</param>
/// <param name="IsPrivate">Pages that were written to are the process's own; of a shared one there are none.</param>
internal readonly record struct ProgramMapping(ulong Start, ulong End, bool IsPrivate)
{
    private const int PermissionsLength = 4;

    /// <summary>
    /// Reads a line of <c>/proc/self/maps</c>: <c>7f00-7f10 r-xp 00000000 fe:01 1234   /usr/lib/libc.so.6</c>. False for what is not code or
    /// metadata of the program: only mappings that can't be written count, of files that end in <c>.dll</c> or are a <c>.so</c>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out ProgramMapping mapping)
    {
        mapping = default;
        if (!Utf8Parser.TryParse(line, out ulong start, out int read, 'x') || read >= line.Length || line[read] != '-') return false;
        line = line[(read + 1)..];
        if (!Utf8Parser.TryParse(line, out ulong end, out read, 'x') || read >= line.Length || line[read] != ' ' || end <= start) return false;
        line = line[(read + 1)..];
        if (line.Length < PermissionsLength) return false;
        bool isCode = line.StartsWith("r-xp"u8);
        if (!isCode && !line.StartsWith("r--s"u8)) return false;
        int path = line.IndexOf((byte)'/');
        if (path < 0 || !IsProgramFile(line[path..])) return false;
        mapping = new ProgramMapping(start, end, isCode);
        return true;
    }

    private static bool IsProgramFile(ReadOnlySpan<byte> path)
    {
        if (path.EndsWith(" (deleted)"u8)) return false;
        ReadOnlySpan<byte> name = path[(path.LastIndexOf((byte)'/') + 1)..];
        return name.EndsWith(".dll"u8) || name.EndsWith(".so"u8) || name.IndexOf(".so."u8) > 0;
    }
}
