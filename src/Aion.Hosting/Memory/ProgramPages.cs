using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Aion.Hosting;

/// <summary>
/// Takes the pages of the program's files out of the process once, when it has started. Starting touches some 45 MiB of code and metadata
/// that is not needed again; what is comes back from the page cache at the next access, by some hundred cheap faults, and stays.
/// </summary>
/// <remarks>
/// Only pages that are the file's own are dropped: of read-only mappings that stood where they are for a whole period, and of private ones
/// only if no page of theirs was ever written to, which a debugger's breakpoint or a relocation does. See docs/adr/0025.
/// </remarks>
internal sealed partial class ProgramPages(TimeProvider time)
{
    private const int DontNeed = 4; // MADV_DONTNEED
    private const int EntryBytes = 8;
    private const ulong IsPresent = 1UL << 63, IsSwapped = 1UL << 62, IsFilePage = 1UL << 61;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private HashSet<ProgramMapping> _known = [];

    /// <summary>Two rounds, of which the first only looks; at once done where the system has no such thing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux()) return;
        for (var round = 0; round < 2; round++)
        {
            await Task.Delay(Period, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested || !TryDrop()) return;
        }
    }

    /// <summary>One round; false when the system does not tell what is mapped.</summary>
    public bool TryDrop()
    {
        try
        {
            HashSet<ProgramMapping> found = Find();
            using SafeFileHandle pages = File.OpenHandle("/proc/self/pagemap");
            foreach (ProgramMapping mapping in found)
                if (_known.Contains(mapping) && (!mapping.IsPrivate || IsUntouched(pages, mapping))) Drop(mapping);
            _known = found;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No /proc, or none for us: everything stays as it is.
            return false;
        }
    }

    private static HashSet<ProgramMapping> Find()
    {
        var found = new HashSet<ProgramMapping>();
        using SafeFileHandle maps = File.OpenHandle("/proc/self/maps");
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            long offset = 0;
            var held = 0;
            for (int read = RandomAccess.Read(maps, buffer, offset); read > 0; read = RandomAccess.Read(maps, buffer.AsSpan(held), offset))
            {
                offset += read;
                ReadOnlySpan<byte> rest = buffer.AsSpan(0, held + read);
                for (int end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
                {
                    if (ProgramMapping.TryParse(rest[..end], out ProgramMapping mapping)) found.Add(mapping);
                    rest = rest[(end + 1)..];
                }

                // A line is at most some kilobytes of path; one that fills the buffer is none.
                held = rest.Length < buffer.Length ? rest.Length : 0;
                rest[..held].CopyTo(buffer);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return found;
    }

    /// <summary>Whether every page that is here is one of the file, none of the process itself.</summary>
    private static bool IsUntouched(SafeFileHandle pages, ProgramMapping mapping)
    {
        var pageSize = (ulong)Environment.SystemPageSize;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            ulong page = mapping.Start / pageSize, end = mapping.End / pageSize;
            while (page < end)
            {
                int wanted = (int)Math.Min((ulong)(buffer.Length / EntryBytes), end - page) * EntryBytes;
                int read = RandomAccess.Read(pages, buffer.AsSpan(0, wanted), (long)page * EntryBytes) / EntryBytes * EntryBytes;
                if (read == 0) return false;
                for (var at = 0; at < read; at += EntryBytes)
                {
                    ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(at));
                    if ((entry & (IsPresent | IsSwapped)) != 0 && (entry & IsFilePage) == 0) return false;
                }

                page += (ulong)(read / EntryBytes);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Only a hint: a system that refuses it keeps the pages.
    private static void Drop(ProgramMapping mapping) => _ = Advise((nuint)mapping.Start, (nuint)(mapping.End - mapping.Start), DontNeed);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
