using Microsoft.Win32.SafeHandles;

namespace Aion.ObjectStorage;

/// <summary>
/// An object that is a file of this machine, open for reading: any part of it at once, into memory of the caller. A file that is cut short
/// or fails to be read meanwhile fails that read alone; see docs/adr/0016. Thread-safe. Whoever opened it disposes it.
/// </summary>
public sealed class LocalObject : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _bucket;
    private readonly string _key;

    private LocalObject(SafeFileHandle file, string bucket, string key)
    {
        _file = file;
        _bucket = bucket;
        _key = key;
        Length = RandomAccess.GetLength(file);
    }

    /// <summary>Bytes when it was opened.</summary>
    public long Length { get; }

    /// <returns>Bytes read from <paramref name="offset"/> on; fewer than asked for only where the file ends.</returns>
    /// <exception cref="BucketException">The system can't read there.</exception>
    public int Read(long offset, Span<byte> into)
    {
        try
        {
            var done = 0;
            while (done < into.Length)
            {
                int read = RandomAccess.Read(_file, into[done..], offset + done);
                if (read == 0) break;
                done += read;
            }

            return done;
        }
        catch (IOException e)
        {
            throw new BucketException(BucketErrorKind.Unknown, $"read {_key} at byte {offset} in bucket {_bucket}: {e.Message}", e);
        }
    }

    public void Dispose() => _file.Dispose();

    /// <exception cref="IOException">It can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened, or is a folder.</exception>
    internal static LocalObject Open(string path, string bucket, string key) =>
        new(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), bucket, key);
}
