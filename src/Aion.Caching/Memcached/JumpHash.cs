using System.IO.Hashing;
using System.Text;

namespace Aion.Caching;

/// <summary>Which of several servers has a key, so that all clients agree and few keys move when servers come or go (Lamping and Veach).</summary>
internal static class JumpHash
{
    /// <param name="buckets">At least 1.</param>
    public static int BucketOf(ulong key, int buckets)
    {
        long bucket = -1, next = 0;
        while (next < buckets)
        {
            bucket = next;
            key = unchecked(key * 2862933555777941757 + 1);
            next = (long)((bucket + 1) * ((double)(1L << 31) / ((key >> 33) + 1)));
        }

        return (int)bucket;
    }

    public static int BucketOf(string key, int buckets)
    {
        if (buckets <= 1) return 0;
        Span<byte> utf8 = stackalloc byte[512];
        int length = Encoding.UTF8.GetByteCount(key);
        if (length > utf8.Length) utf8 = new byte[length];
        return BucketOf(XxHash64.HashToUInt64(utf8[..Encoding.UTF8.GetBytes(key, utf8)]), buckets);
    }
}
