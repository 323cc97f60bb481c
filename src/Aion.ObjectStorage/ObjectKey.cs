namespace Aion.ObjectStorage;

/// <summary>What a key may be, for every kind of bucket alike: relative, without empty, <c>.</c> or <c>..</c> segments or control characters.</summary>
public static class ObjectKey
{
    private const int MaxLength = 1024;

    /// <exception cref="BucketException"><see cref="BucketErrorKind.InvalidKey"/>.</exception>
    public static void Check(string key)
    {
        if (!IsValid(key)) throw Invalid(key);
    }

    /// <summary>The same for a directory: may be empty (the root) and may end in one slash. Returns it without that slash.</summary>
    public static string CheckDirectory(string directory)
    {
        string trimmed = directory.EndsWith('/') ? directory[..^1] : directory;
        if (trimmed.Length == 0 && directory.Length == 0) return "";
        if (!IsValid(trimmed)) throw Invalid(directory);
        return trimmed;
    }

    public static bool IsValid(string key)
    {
        if (key.Length is 0 or > MaxLength) return false;
        foreach (Range part in key.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> segment = key.AsSpan(part);
            if (segment.IsEmpty || segment is "." or "..") return false;
            foreach (char c in segment)
                if (char.IsControl(c)) return false;
        }

        return true;
    }

    private static BucketException Invalid(string key) =>
        new(BucketErrorKind.InvalidKey, $"\"{key}\" is no object key: it must be relative, without empty, \".\" or \"..\" segments");
}
