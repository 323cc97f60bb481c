namespace Aion.Compactor;

/// <summary>Room on the work disk, given to jobs before they start, so that none runs it full for the others. Thread-safe.</summary>
/// <param name="available">Bytes free now.</param>
internal sealed class DiskBudget(Func<long> available)
{
    private readonly Lock _lock = new();

    // Guarded by _lock: given out and not yet written.
    private long _promised;

    /// <summary>The disk that a folder is on. The folder is made.</summary>
    public static DiskBudget Of(string directory)
    {
        Directory.CreateDirectory(directory);
        var drive = new DriveInfo(Path.GetFullPath(directory));
        return new DiskBudget(() => drive.AvailableFreeSpace);
    }

    /// <summary>Whether there is that much room now, beside what is promised.</summary>
    public bool Fits(long bytes)
    {
        lock (_lock) return bytes <= available() - _promised;
    }

    /// <exception cref="JobException">There is not that much room.</exception>
    public Reservation Reserve(long bytes)
    {
        lock (_lock)
        {
            long free = available() - _promised;
            if (bytes > free)
                throw new JobException(JobFailure.NoSpace, $"the job needs {bytes} bytes of disk space, {free} are free (--data-dir)");
            _promised += bytes;
        }

        return new Reservation(this, bytes);
    }

    private void Return(long bytes)
    {
        lock (_lock) _promised -= bytes;
    }

    internal sealed class Reservation(DiskBudget budget, long bytes) : IDisposable
    {
        private long _left = bytes;

        /// <summary>Bytes that are on the disk now, and so no longer a promise.</summary>
        public void Wrote(long written)
        {
            long used = Math.Min(written, Interlocked.Read(ref _left));
            Interlocked.Add(ref _left, -used);
            budget.Return(used);
        }

        public void Dispose() => budget.Return(Interlocked.Exchange(ref _left, 0));
    }
}
