using System.IO.Enumeration;
using System.Runtime.CompilerServices;

namespace Aion.ObjectStorage;

/// <summary>
/// A bucket in a folder; an object is a file. Uploads go through a temporary file in the object's own folder, so that the final rename
/// never crosses a volume; listings leave those files out, and the ones a crash left behind go with the folder.
/// </summary>
public sealed class FilesystemBucket : IBucket
{
    internal const string TemporaryPrefix = ".aion-upload-";
    private const int MaxDepth = 64;
    private const int CopyBufferBytes = 256 * 1024;
    private const int CreateAttempts = 20;
    private static readonly TimeSpan TemporaryMaxAge = TimeSpan.FromDays(1);

    private readonly string _root;
    private readonly TimeProvider _time;
    private volatile bool _isLocal;

    /// <param name="directory">Made absolute; need not exist before the first upload.</param>
    public FilesystemBucket(string directory, TimeProvider time)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        _time = time;
        Name = "fs: " + _root;
    }

    public string Name { get; }

    public bool SupportsConditionalUpload => true;

    public async Task<Stream> GetAsync(string key, CancellationToken cancellationToken) =>
        await TryGetAsync(key, cancellationToken) ?? throw BucketException.NotFound(Name, key);

    public Task<Stream?> TryGetAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<Stream?>(Open(key));
    }

    public Task<Stream> GetRangeAsync(string key, long offset, long length, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        FileStream file = Open(key) ?? throw BucketException.NotFound(Name, key);
        return Task.FromResult<Stream>(new RangeStream(file, offset, length));
    }

    public bool IsLocal
    {
        get
        {
            // A folder stays on its disk; asking costs a call of the system.
            if (!_isLocal) _isLocal = LocalFiles.Hold(_root);
            return _isLocal;
        }
    }

    public LocalObject OpenLocal(string key)
    {
        string path = PathOf(key);
        try
        {
            return LocalObject.Open(path, Name, key);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw BucketException.NotFound(Name, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Opening a directory is refused as a lack of rights; as an object it is just not there.
            if (Directory.Exists(path) || IsBelowFile(path)) throw BucketException.NotFound(Name, key);
            throw Failed("open", key, e);
        }
    }

    public async IAsyncEnumerable<BucketEntry> ListAsync(
        string directory, bool recursive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string trimmed = ObjectKey.CheckDirectory(directory);
        string path = trimmed.Length == 0 ? _root : PathOf(trimmed);
        foreach (BucketEntry entry in List(path, trimmed.Length == 0 ? "" : trimmed + "/", recursive, 0))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return entry;
        }

        await Task.CompletedTask;
    }

    public Task<ObjectAttributes> AttributesAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = new FileInfo(PathOf(key));
        if (!file.Exists) throw BucketException.NotFound(Name, key);
        return Task.FromResult(AttributesOf(file));
    }

    public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(File.Exists(PathOf(key)));
    }

    public async Task UploadAsync(string key, Stream content, UploadCondition condition, CancellationToken cancellationToken)
    {
        string target = PathOf(key);
        string temporary = Path.Combine(Path.GetDirectoryName(target)!, TemporaryPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            await using (FileStream file = CreateWithFolders(temporary))
            {
                await content.CopyToAsync(file, CopyBufferBytes, cancellationToken);
                await file.FlushAsync(cancellationToken);
                file.Flush(flushToDisk: true);
            }

            MoveIntoPlace(key, temporary, target, condition);
            FlushFolders(target);
        }
        catch (Exception e) when (e is not BucketException && e is IOException or UnauthorizedAccessException)
        {
            throw Failed("upload", key, e);
        }
        finally
        {
            DeleteQuietly(temporary);
        }
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string path = PathOf(key);
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            return Task.CompletedTask;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A directory is no object: nothing of that name is there to delete.
            if (Directory.Exists(path)) return Task.CompletedTask;
            throw Failed("delete", key, e);
        }

        RemoveEmptyFolders(Path.GetDirectoryName(path)!);
        return Task.CompletedTask;
    }

    private string PathOf(string key)
    {
        ObjectKey.Check(key);
        if (OperatingSystem.IsWindows() && key.AsSpan().IndexOfAny('\\', ':') >= 0)
            throw new BucketException(BucketErrorKind.InvalidKey, $"\"{key}\" is no file name on Windows");
        if (Path.GetFileName(key).StartsWith(TemporaryPrefix, StringComparison.Ordinal))
            throw new BucketException(BucketErrorKind.InvalidKey, $"\"{key}\": names that begin with {TemporaryPrefix} belong to uploads under way");
        return Path.Combine(_root, key);
    }

    private FileStream? Open(string key)
    {
        string path = PathOf(key);
        // Asked about thousands of blocks' markers, most of which are not there: a look is far cheaper than an exception.
        if (!OperatingSystem.IsWindows() && Posix.IsAbsent(path)) return null;
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                BufferSize = 0,
                Options = FileOptions.Asynchronous,
            });
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Opening a directory is refused as a lack of rights; as an object it is just not there.
            if (Directory.Exists(path) || IsBelowFile(path)) return null;
            throw Failed("get", key, e);
        }
    }

    private IEnumerable<BucketEntry> List(string path, string prefix, bool recursive, int depth)
    {
        if (depth > MaxDepth)
            throw new BucketException(BucketErrorKind.Unknown, $"list {prefix} in bucket {Name}: nested deeper than {MaxDepth} folders (a link that points upwards?)");
        foreach (FileSystemInfo entry in Entries(path, prefix))
        {
            if (entry.Name.StartsWith(TemporaryPrefix, StringComparison.Ordinal)) continue;
            string key = prefix + entry.Name;
            if (entry is FileInfo file)
            {
                // A file may go between the listing and the look at it.
                if (file.Exists) yield return new BucketEntry(key, AttributesOf(file));
                continue;
            }

            if (recursive)
            {
                foreach (BucketEntry inner in List(entry.FullName, key + "/", recursive: true, depth + 1)) yield return inner;
            }
            else if (HoldsObject(entry.FullName, key + "/", depth + 1))
            {
                yield return new BucketEntry(key + "/", null);
            }
        }
    }

    /// <summary>Stops at the first file, which is almost always the first entry.</summary>
    private bool HoldsObject(string path, string prefix, int depth)
    {
        if (depth > MaxDepth) return false;
        var folders = new List<string>();
        try
        {
            var entries = new FileSystemEnumerable<string?>(
                path, static (ref FileSystemEntry e) => e.IsDirectory ? e.ToFullPath() : null, new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })
            {
                ShouldIncludePredicate = static (ref FileSystemEntry e) => !e.FileName.StartsWith(TemporaryPrefix, StringComparison.Ordinal),
            };
            foreach (string? folder in entries)
            {
                if (folder is null) return true;
                folders.Add(folder);
            }
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(path)) return false;
            throw Failed("list", prefix, e);
        }

        return folders.Exists(folder => HoldsObject(folder, prefix, depth + 1));
    }

    private FileSystemInfo[] Entries(string path, string prefix)
    {
        try
        {
            return [.. new DirectoryInfo(path).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false })];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(path)) return [];
            throw Failed("list", prefix, e);
        }
    }

    /// <summary>ENOENT, as a failed call of the operating system reports it.</summary>
    private const int NoSuchFile = 2;

    /// <summary>EEXIST.</summary>
    private const int AlreadyThere = 17;

    private static FileStream CreateWithFolders(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                return new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous);
            }
            catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException or IOException { HResult: AlreadyThere } && attempt < CreateAttempts)
            {
                // A delete beside us removed the folder as empty after we had made it; the second kind, when it is back by the time the
                // runtime looks which of the two names was missing; the third, when it was there as the runtime made it and gone as it looked
                // whether that is a folder.
            }
        }
    }

    private void MoveIntoPlace(string key, string temporary, string target, UploadCondition condition)
    {
        if (Directory.Exists(target))
            throw new BucketException(BucketErrorKind.InvalidKey, $"upload {key} to bucket {Name}: a folder of that name is there");
        if (condition == UploadCondition.None)
        {
            File.Move(temporary, target, overwrite: true);
            return;
        }

        try
        {
            // A hard link, unlike a rename, refuses a name that is taken, in one step.
            DurableFile.HardLink(temporary, target);
        }
        catch (IOException) when (File.Exists(target))
        {
            throw BucketException.AlreadyExists(Name, key);
        }
    }

    private void FlushFolders(string path)
    {
        // Parents may be new as well; flushing each up to the root is cheap next to the upload.
        for (string? folder = Path.GetDirectoryName(path); folder is not null && folder.Length >= _root.Length; folder = Path.GetDirectoryName(folder))
            FlushFolder(folder);
    }

    /// <summary>A folder that is gone again held only objects that were deleted meanwhile: there is nothing to make durable.</summary>
    private static void FlushFolder(string folder)
    {
        try
        {
            DurableFile.FlushDirectory(folder);
        }
        catch (IOException e) when (e is FileNotFoundException or DirectoryNotFoundException || e.HResult == NoSuchFile)
        {
            // Its removal is made durable by whoever removed it.
        }
    }

    private void RemoveEmptyFolders(string folder)
    {
        while (folder.Length > _root.Length)
        {
            try
            {
                RemoveStaleUploads(folder);
                Directory.Delete(folder, recursive: false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not empty, or already gone: either way there is nothing to tidy here.
                return;
            }

            folder = Path.GetDirectoryName(folder)!;
        }
    }

    private void RemoveStaleUploads(string folder)
    {
        DateTime oldest = (_time.GetUtcNow() - TemporaryMaxAge).UtcDateTime;
        foreach (string file in Directory.EnumerateFiles(folder, TemporaryPrefix + "*", new EnumerationOptions { AttributesToSkip = 0 }))
            if (File.GetLastWriteTimeUtc(file) < oldest) File.Delete(file);
    }

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Invisible to readers already; goes with its folder after a day.
        }
    }

    private static bool IsBelowFile(string path)
    {
        for (string? folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(folder)) return true;
        return false;
    }

    private static ObjectAttributes AttributesOf(FileInfo file) => new(file.Length, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero));

    private BucketException Failed(string operation, string key, Exception cause)
    {
        BucketErrorKind kind = cause switch
        {
            UnauthorizedAccessException => BucketErrorKind.AccessDenied,
            IOException io when IsDiskFull(io) => BucketErrorKind.Full,
            _ => BucketErrorKind.Unknown,
        };
        return new BucketException(kind, $"{operation} {key} in bucket {Name}: {cause.Message}", cause);
    }

    // ENOSPC and EDQUOT on Linux; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL on Windows.
    private static bool IsDiskFull(IOException e) => (e.HResult & 0xFFFF) is 28 or 122 or 39 or 112;
}
